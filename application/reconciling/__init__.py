"""Comparing our books with a vendor's."""

"""Accounting systems as destinations."""

"""Registers of VAT numbers (port ``application/ports/vat_register.py``)."""

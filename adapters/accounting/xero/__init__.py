"""Xero (seed 001; facts: accounting-apis B1)."""

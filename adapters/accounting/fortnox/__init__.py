"""Fortnox as a destination and as books to compare with (seed 003; facts: accounting-apis, B2)."""

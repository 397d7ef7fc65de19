"""Carrying records from one accounting system to another."""

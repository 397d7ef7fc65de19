"""Tests that need the vendors' contracts."""

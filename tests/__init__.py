"""All tests; the folders say which kind (CONTRIBUTING.md)."""

"""The field map: what a user declares about the fields of another system, read and applied without running any code of theirs."""

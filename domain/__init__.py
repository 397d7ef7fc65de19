"""The rules of invoicing: pure Python, standard library only, no clock, no I/O, no randomness."""

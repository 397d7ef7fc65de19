"""Decorators around a handler; the file name says what each adds."""

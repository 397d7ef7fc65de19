"""Translators: one message format of an order management system each (port ``application/ports/order_translator.py``)."""

"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """``orders`` are per company, ``invoices`` the work of the memory measurement."""

    messages: int
    orders: int
    pages: int
    invoices: int


FULL = Sizes(messages=20_000, orders=5_000, pages=200, invoices=50_000)
QUICK = Sizes(messages=5_000, orders=1_500, pages=60, invoices=3_000)

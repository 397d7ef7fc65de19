"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """``orders`` are per company, ``invoices`` the work of the memory measurement; the ``crowd`` is what operators ask about."""

    messages: int
    orders: int
    pages: int
    invoices: int
    files: int
    crowd: int
    crowd_deliveries: int


FULL = Sizes(messages=40_000, orders=5_000, pages=200, invoices=50_000, files=1_000, crowd=1_000_000, crowd_deliveries=300_000)
QUICK = Sizes(messages=5_000, orders=1_500, pages=60, invoices=3_000, files=300, crowd=100_000, crowd_deliveries=30_000)

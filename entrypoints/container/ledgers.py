"""The part of the composition root that is about the vendors' books. A kind that keeps books is one entry here.

As in `accounting.py`, whatever needs the libraries of calls is imported when a vendor is first spoken to.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache, partial

from application.ports.destination import LaneContext
from application.ports.invoice_renderer import InvoiceRenderer
from application.ports.ledger import Ledger
from domain.errors import DomainError
from entrypoints.container.accounting import AccountingParts, fortnox_tools, jortt_tools, xero_tools

OpenLedger = Callable[[LaneContext], AbstractContextManager[Ledger]]


class LedgersByKind:
    """The port ``Ledgers``."""

    def __init__(self, by_kind: Mapping[str, OpenLedger]) -> None:
        self._by_kind = by_kind

    def keeps(self, kind: str) -> bool:
        """Whether there are books to read."""
        return kind in self._by_kind

    def open(self, lane: LaneContext) -> AbstractContextManager[Ledger]:
        """Raises DomainError("no_books") for a kind that keeps none."""
        kind = lane.integration.kind
        if kind not in self._by_kind:
            raise DomainError("no_books", f"{lane.integration.path} has no books to compare with.")
        return self._by_kind[kind](lane)


def ledgers(parts: AccountingParts, renderer: InvoiceRenderer) -> LedgersByKind:
    """All of them, wired."""
    return LedgersByKind({"xero": _xero(parts, renderer), "fortnox": _fortnox(parts), "jortt": _jortt(parts)})


def _xero(parts: AccountingParts, renderer: InvoiceRenderer) -> OpenLedger:
    tools = cache(partial(xero_tools, parts, renderer))

    def open_ledger(lane: LaneContext) -> AbstractContextManager[Ledger]:
        from adapters.accounting.xero.opening import open_xero_ledger  # noqa: PLC0415 - see the module's docstring

        return open_xero_ledger(lane, tools())

    return open_ledger


def _fortnox(parts: AccountingParts) -> OpenLedger:
    tools = cache(partial(fortnox_tools, parts))

    def open_ledger(lane: LaneContext) -> AbstractContextManager[Ledger]:
        from adapters.accounting.fortnox.opening import open_fortnox_ledger  # noqa: PLC0415 - as above

        return open_fortnox_ledger(lane, tools())

    return open_ledger


def _jortt(parts: AccountingParts) -> OpenLedger:
    tools = cache(partial(jortt_tools, parts))

    def open_ledger(lane: LaneContext) -> AbstractContextManager[Ledger]:
        from adapters.accounting.jortt.opening import open_jortt_ledger  # noqa: PLC0415 - as above

        return open_jortt_ledger(lane, tools())

    return open_ledger

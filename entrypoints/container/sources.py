"""The part of the composition root that is about what flows read. A kind that is read is one entry here.

As in `accounting.py`, whatever needs the libraries of calls is imported when a vendor is first spoken to.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache, partial

from adapters.oms.order_translator import FlowTranslators, OmsTranslators
from application.order_owing import OrderOwing
from application.ports.clock import Clock
from application.ports.destination import LaneContext
from application.ports.source import Reading, Source
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.accept_messages import AcceptMessagesHandler
from application.use_cases.run_flow import RunFlowHandler
from domain.errors import DomainError
from entrypoints.container.accounting import AccountingParts, fortnox_tools, jortt_tools

OpenSource = Callable[[LaneContext, Reading], AbstractContextManager[Source]]


class SourcesByKind:
    """The port ``Sources``."""

    def __init__(self, by_kind: Mapping[str, OpenSource]) -> None:
        self._by_kind = by_kind

    def has(self, kind: str) -> bool:
        """Whether there is something to read."""
        return kind in self._by_kind

    def open(self, lane: LaneContext, reading: Reading) -> AbstractContextManager[Source]:
        """Raises DomainError("no_source") for a kind that nothing is read from."""
        kind = lane.integration.kind
        if kind not in self._by_kind:
            raise DomainError("no_source", f"Nothing can be read from {lane.integration.path}.")
        return self._by_kind[kind](lane, reading)


def sources(parts: AccountingParts) -> SourcesByKind:
    """All of them, wired."""
    return SourcesByKind({"fortnox": _fortnox(parts), "jortt": _jortt(parts)})


def run_flow(  # noqa: PLR0913 - its ports
    units_of_work: UnitsOfWork, parts: AccountingParts, translators: OmsTranslators, owing: OrderOwing, clock: Clock, telemetry: Telemetry
) -> RunFlowHandler:
    """The use case with an intake of its own: no message from outside may say that it came with a flow."""
    accept = AcceptMessagesHandler(units_of_work, FlowTranslators(translators.default), owing, clock, telemetry)
    return RunFlowHandler(units_of_work, sources(parts), translators, accept, clock, telemetry)


def _fortnox(parts: AccountingParts) -> OpenSource:
    tools = cache(partial(fortnox_tools, parts))

    def open_source(lane: LaneContext, reading: Reading) -> AbstractContextManager[Source]:
        from adapters.accounting.fortnox.source import open_fortnox_source  # noqa: PLC0415 - see the module's docstring

        return open_fortnox_source(lane, tools(), reading)

    return open_source


def _jortt(parts: AccountingParts) -> OpenSource:
    tools = cache(partial(jortt_tools, parts))

    def open_source(lane: LaneContext, reading: Reading) -> AbstractContextManager[Source]:
        from adapters.accounting.jortt.source import open_jortt_source  # noqa: PLC0415 - as above

        return open_jortt_source(lane, tools(), reading)

    return open_source

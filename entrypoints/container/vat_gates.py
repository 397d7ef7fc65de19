"""The part of the composition root that is about VAT numbers: which lanes have theirs checked, and by whom."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TYPE_CHECKING

from application.accounting.vat_gate import VatGate
from application.ports.clock import Clock
from application.ports.destination import Destination, LaneContext
from application.ports.unit_of_work import UnitsOfWork
from application.vat_checked_destination import VatCheckedDestination

if TYPE_CHECKING:
    import requests

OpenLane = Callable[[LaneContext], AbstractContextManager[Destination]]


def vat_gate(
    units_of_work: UnitsOfWork, clock: Clock, url: str, open_session: "Callable[[], AbstractContextManager[requests.Session]]"
) -> Callable[[], VatGate]:
    """The gate, made when a lane first needs it: its register takes turns for each country, so there is one for the process."""

    @cache
    def gate() -> VatGate:
        from adapters.vat_register.vies import ViesVatRegister  # noqa: PLC0415 - the library of calls takes a while to load

        return VatGate(ViesVatRegister(open_session, clock, url), units_of_work, clock)

    return gate


def behind_gate(open_lane: OpenLane, gate: Callable[[], VatGate]) -> OpenLane:
    """Lanes whose documents pass the gate first, unless their setting ``vies_check`` is off."""

    @contextmanager
    def opened(lane: LaneContext) -> Iterator[Destination]:
        with open_lane(lane) as destination:
            if lane.integration.settings.get("vies_check", True):
                yield VatCheckedDestination(destination, gate(), gate().checker, lane)
            else:
                yield destination

    return opened

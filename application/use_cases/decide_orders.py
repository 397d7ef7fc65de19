"""Decide anew on orders whose decision was made under an older configuration."""

from collections.abc import Callable
from dataclasses import dataclass

from application.judging import judge
from application.order_owing import BILLABLE, OrderOwing
from application.ports.clock import Clock
from application.ports.order_translator import OrderTranslators
from application.ports.unit_of_work import UnitsOfWork

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class DecideOrders:
    """For one company, or for all where ``company`` is None."""

    company: str | None = None
    progress: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class DecideOrdersHandler:
    """Works in chunks, each its own transaction: dying midway leaves the rest outdated, to be found again."""

    units_of_work: UnitsOfWork
    translators: OrderTranslators
    owing: OrderOwing
    clock: Clock

    def __call__(self, command: DecideOrders) -> int:
        """How many orders were decided anew."""
        total = 0
        while count := self._chunk(command.company):
            total += count
            if command.progress:
                command.progress(total)
        return total

    def _chunk(self, company: str | None) -> int:
        with self.units_of_work() as uow:
            configuration = uow.configurations.current()
            outdated = uow.orders.lock_outdated(company, configuration.revision, _CHUNK)
            decisions: list[tuple[int, str]] = []
            owed: list[tuple[int, tuple[str, ...]]] = []
            for stored in outdated:
                order = self.translators.for_source(stored.source).translate(stored.body)
                decision = judge(order, configuration)
                decisions.append((stored.order_id, str(decision)))
                if decision in BILLABLE:
                    owed.append((stored.order_id, self.owing.wanted_by(configuration, order.company_ref, order.created_at)))
            if decisions:
                uow.orders.set_decisions(decisions, configuration.revision)
                self.owing.owe(uow, owed, self.clock.now())
                uow.commit()
        return len(decisions)

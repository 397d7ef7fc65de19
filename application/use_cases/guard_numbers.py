"""Ask each accounting destination for what changed since the last issue: a database restored from an old backup shows at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.lane_contexts import lane_context
from application.number_guarding import highest_numbers, tell_of_series
from application.ports.clock import Clock
from application.ports.destination import LaneContext
from application.ports.ledger import Ledgers
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from application.reconciling.comparison import CLOCK_SKEW
from application.reconciling.pages import in_pages
from domain.errors import DomainError, TemporaryFailure

_PAGE = 500
_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class GuardNumbers:
    """All integrations that are switched on and keep books; ``within_s`` seconds at most, since others wait for this."""

    within_s: float = _WITHIN_S


@dataclass(frozen=True, slots=True)
class GuardNumbersHandler:
    """Cheap: where nothing was lost, there is little after the last issue. What a vendor cannot answer now is left for `reconcile`."""

    units_of_work: UnitsOfWork
    ledgers: Ledgers
    clock: Clock
    telemetry: Telemetry

    def __call__(self, command: GuardNumbers) -> int:
        """How many books were read."""
        ends_at = self.clock.now() + timedelta(seconds=command.within_s)
        read = 0
        for paths in self._books():
            if self.clock.now() > ends_at:
                self.telemetry.problem("numbers_not_guarded", integration=paths[0], reason="There was no time left; another look comes.")
                break
            # Several integrations of one organisation see the same: one that answers is enough.
            read += any(self._guard(path, ends_at) for path in paths)
        with self.units_of_work() as uow:
            tell_of_series(uow, self.clock.now())
            uow.commit()
        return read

    def _books(self) -> list[list[str]]:
        """The integrations of each organisation and admin company; another one comes first each hour, so that all get their turn."""
        books: dict[tuple[str, ...], list[str]] = {}
        with self.units_of_work() as uow:
            configuration = uow.configurations.current()
            for path, integration in configuration.integrations.items():
                if integration.enabled and self.ledgers.keeps(integration.kind):
                    connection = uow.connections.find(path)
                    organisation = connection.organisation_id if connection is not None else ""
                    key = (integration.kind, organisation or path, configuration.companies[integration.company].admin_company)
                    books.setdefault(key, []).append(path)
        ordered = list(books.values())
        first = int(self.clock.now().timestamp() // 3600) % len(ordered) if ordered else 0
        return ordered[first:] + ordered[:first]

    def _guard(self, path: str, ends_at: datetime) -> bool:
        try:
            with self.units_of_work() as uow:
                lane = lane_context(uow, path)
                since = uow.books.last_issued_at(lane.seller.ref)
            self._read(lane, since, ends_at)
        except (TemporaryFailure, DomainError) as error:
            self.telemetry.problem("numbers_not_guarded", integration=path, reason=error.text)
            return False
        return True

    def _read(self, lane: LaneContext, since: datetime | None, ends_at: datetime) -> None:
        with self.ledgers.open(lane) as ledger:
            for page in in_pages(ledger.documents(since - CLOCK_SKEW if since else None), _PAGE):
                with self.units_of_work() as uow:
                    for seen in highest_numbers(lane, page):
                        uow.number_guards.see(seen, self.clock.now())
                    uow.commit()
                if self.clock.now() > ends_at:
                    raise TemporaryFailure("There was no time left for all of its books; `billhook reconcile` reads them to the end.")

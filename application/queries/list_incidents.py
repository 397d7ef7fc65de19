"""A page of incidents."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.unit_of_work import UnitsOfWork
from domain.delivery.incident import Incident


@dataclass(frozen=True, slots=True)
class ListIncidentsHandler:
    """Oldest first."""

    units_of_work: UnitsOfWork

    def __call__(self, after: int, limit: int, *, open_only: bool = False, company: str | None = None) -> Sequence[Incident]:
        """By id behind ``after``, of a company where one is named."""
        with self.units_of_work() as uow:
            return uow.incidents.list(after, limit, open_only=open_only, company=company)

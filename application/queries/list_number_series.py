"""How far each number series has come, here and in the vendors' books."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.number_guarding import SeriesStanding, all_series, standing_of
from application.ports.unit_of_work import UnitsOfWork


@dataclass(frozen=True, slots=True)
class ListNumberSeriesHandler:
    """Reads only what is stored: no vendor is asked."""

    units_of_work: UnitsOfWork

    def __call__(self) -> Sequence[SeriesStanding]:
        """By admin company and type."""
        with self.units_of_work() as uow:
            standings = [standing_of(uow, series) for series in all_series(uow)]
        return sorted(standings, key=lambda standing: (standing.admin_company, standing.type))

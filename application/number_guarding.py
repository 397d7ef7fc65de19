"""A series that fell behind the vendors' books issues nothing: it would use numbers twice (docs/explanation/restored-backups.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.incidents import about_admin_company, resolve_about, tell
from application.ports.destination import LaneContext
from application.ports.ledger import RemoteDocument
from application.ports.number_guards import NumberGuard, NumberSeen
from application.ports.unit_of_work import UnitOfWork
from domain.companies.admin_company import AdminCompany
from domain.delivery.incident import SERIES_BEHIND
from domain.errors import DomainError
from domain.invoicing.document import DocumentType
from domain.invoicing.number_format import number_of
from domain.invoicing.number_series import NumberSeries


@dataclass(frozen=True, slots=True)
class SeriesStanding:
    """Where a series stands, and what is known of it elsewhere; ``last_number`` is 0 where it never issued and starts at 1."""

    admin_company: str
    type: DocumentType
    last_number: int
    guard: NumberGuard | None

    @property
    def is_behind(self) -> bool:
        """Whether a vendor's books hold a higher number of this series, and nobody said that it does not count."""
        return self.guard is not None and self.guard.seen.number > max(self.last_number, self.guard.lifted_number)


def standing_of(uow: UnitOfWork, series: NumberSeries) -> SeriesStanding:
    """The standing of a series as it was read."""
    return SeriesStanding(
        series.admin_company, series.type, series.next_number - 1, uow.number_guards.find(series.admin_company, series.type)
    )


def require_not_behind(uow: UnitOfWork, series: NumberSeries) -> None:
    """Raise DomainError("series_behind") where issuing would use numbers that are out there."""
    standing = standing_of(uow, series)
    if standing.is_behind:
        raise DomainError("series_behind", behind_sentence(standing), behind_step(standing))


def behind_sentence(standing: SeriesStanding) -> str:
    """What is wrong, for people."""
    if standing.guard is None:
        raise TypeError("a series without a guard is not behind")
    seen = standing.guard.seen
    return (
        f"The {standing.type.value.replace('_', ' ')} series of {standing.admin_company} stands at number {standing.last_number}, and the "
        f"books of {seen.integration} hold {seen.display_number}: this database is older than what was issued, or the number is not ours. "
        "Nothing is issued, so that no number is used twice."
    )


def behind_step(standing: SeriesStanding) -> str:
    """What to do about it."""
    kind = "" if standing.type is DocumentType.INVOICE else f" --type {standing.type.value}"
    return (
        "Restore a newer backup. Look at what is there and not here with: billhook reconcile. "
        f"Only if those numbers are not of this series: billhook numbers lift {standing.admin_company}{kind} --reason WHY"
    )


def number_in(seller: AdminCompany, type_: DocumentType, display_number: str) -> int | None:
    """Which number of the seller's series this could be, by its format; None where it is none."""
    numbering = seller.numbering
    return number_of(numbering.format if type_ is DocumentType.INVOICE else numbering.credit_format, display_number)


def highest_numbers(lane: LaneContext, documents: Iterable[RemoteDocument]) -> Sequence[NumberSeen]:
    """The highest number of each series of the lane's seller among documents in a vendor's books."""
    highest: dict[DocumentType, NumberSeen] = {}
    for document in documents:
        type_ = DocumentType(document.type)
        number = number_in(lane.seller, type_, document.number)
        if number is not None and (type_ not in highest or number > highest[type_].number):
            highest[type_] = NumberSeen(lane.seller.ref, type_, number, document.number, lane.integration.path)
    return list(highest.values())


def tell_of_series(uow: UnitOfWork, now: datetime) -> None:
    """Open an incident for each series that is behind, and end those of series that are not any more."""
    standings = [standing_of(uow, series) for series in all_series(uow)]
    behind = {standing.admin_company: standing for standing in standings if standing.is_behind}
    configuration = uow.configurations.current()
    for ref, standing in behind.items():
        if not any(incident.cause == SERIES_BEHIND for incident in uow.incidents.open_about(ref)):
            tell(uow, about_admin_company(configuration, ref, SERIES_BEHIND, behind_sentence(standing), behind_step(standing)), now)
    for ref in {standing.admin_company for standing in standings} - behind.keys():
        resolve_about(uow, ref, lambda incident: incident.cause == SERIES_BEHIND, now)


def all_series(uow: UnitOfWork) -> Sequence[NumberSeries]:
    """Every series there is, and those that never issued here but have numbers elsewhere."""
    configuration = uow.configurations.current()
    # Where nothing was issued yet, the declared first number counts.
    known = {(series.admin_company, series.type): series for series in uow.documents.series() if series.last_issued_on is not None}
    for guard in uow.number_guards.list():
        seller = configuration.admin_companies.get(guard.seen.admin_company)
        key = guard.seen.admin_company, guard.seen.type
        if key not in known and seller is not None:
            known[key] = NumberSeries(*key, first_number(seller, guard.seen.type))
    return list(known.values())


def first_number(seller: AdminCompany, type_: DocumentType) -> int:
    """The number that a series begins with, as declared; it counts until the first document is issued."""
    return seller.numbering.first if type_ is DocumentType.INVOICE else seller.numbering.credit_first

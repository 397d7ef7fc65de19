"""Prove the invariants (DESIGN section 5) from what is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from application.ports.documents import StoredDocument
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from domain.invoicing.content import canonical_json, to_content
from domain.invoicing.number_series import GENESIS, NumberSeries, chain_hash, content_hash

_PAGE = 1000
_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Verify:
    """Check everything."""


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: ``detail`` says what was checked, or the first problems found."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """``ok`` where every check is."""

    ok: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class VerifyHandler:
    """Reads only; may run beside the fleet at work."""

    units_of_work: UnitsOfWork

    def __call__(self, _command: Verify) -> VerificationReport:
        """The report, I1 to I7."""
        with self.units_of_work() as uow:
            checks = tuple(self._checks(uow))
        return VerificationReport(all(check.ok for check in checks), checks)

    def _checks(self, uow: UnitOfWork) -> Iterator[Check]:
        ask = uow.verification
        gaps: list[str] = []
        tampered: list[str] = []
        count = 0
        for series in uow.documents.series():
            count += _prove_series(uow, series, gaps, tampered)
        yield _check("I1 series complete, hash chain intact", gaps, f"{count} documents")
        yield _check("I2 an order is on at most one live invoice", ask.orders_on_several_invoices())
        yield _check("I3 one effect per document and integration", ask.documents_delivered_twice())
        yield _check("I4 every message and every due order is accounted for", [*ask.orders_without_trace(), *ask.invoices_owed_nowhere()])
        yield _check("I5 issued documents unchanged", tampered, f"{count} documents")
        yield _check("I6 companies are kept apart", ask.documents_across_companies())
        yield _check("I7 nothing is stuck", ask.stuck_work())


def _check(name: str, problems: Sequence[str], detail: str = "") -> Check:
    shown = "; ".join(problems[:_SHOWN_MAX])
    if len(problems) > _SHOWN_MAX:
        shown += f"; and {len(problems) - _SHOWN_MAX} more"
    return Check(name, not problems, shown or detail or "no exception found")


def _prove_series(uow: UnitOfWork, series: NumberSeries, gaps: list[str], tampered: list[str]) -> int:
    """Walk the series by number; returns how many documents it has. The first number may be any, each next one is one more."""
    name = f"{series.admin_company}/{series.type}"
    expected_number: int | None = None
    previous: StoredDocument | None = None
    previous_hash = GENESIS
    count = 0
    after = 0
    # Only as far as the series stood when it was read: the fleet may be issuing beside this.
    while page := _before(series, uow.documents.chain(series.admin_company, series.type, after, _PAGE)):
        for stored in page:
            count += 1
            issued = stored.issued
            if expected_number is not None and issued.number != expected_number:
                gaps.append(f"{name}: number {expected_number} is missing, {issued.number} follows")
            if issued.previous_hash != previous_hash or _link(series, stored) != issued.chain_hash:
                gaps.append(f"{name}: the hash chain breaks at number {issued.number}")
            if previous is not None and issued.issued_on < previous.issued.issued_on:
                gaps.append(f"{name}: number {issued.number} is dated before its predecessor")
            tampered.extend(_tampering(name, stored))
            expected_number, previous_hash, previous = issued.number + 1, issued.chain_hash, stored
        after = page[-1].issued.number
    if expected_number is not None and (series.next_number, series.last_hash) != (expected_number, previous_hash):
        gaps.append(f"{name}: the last documents are missing: the next number should be {expected_number}, it is {series.next_number}")
    return count


def _before(series: NumberSeries, page: Sequence[StoredDocument]) -> list[StoredDocument]:
    return [stored for stored in page if stored.issued.number < series.next_number]


def _link(series: NumberSeries, stored: StoredDocument) -> str:
    issued = stored.issued
    return chain_hash(
        series.admin_company,
        series.type,
        issued.number,
        issued.display_number,
        issued.issued_on,
        issued.due_on,
        issued.content_sha256,
        issued.previous_hash,
    )


def _tampering(name: str, stored: StoredDocument) -> Iterator[str]:
    """The content must have its hash, and say the same as what is read from it."""
    issued = stored.issued
    if content_hash(stored.content_json) != issued.content_sha256:
        yield f"{name}: the content of number {issued.number} was changed"
    elif canonical_json(to_content(issued.draft)) != stored.content_json:
        yield f"{name}: the columns of number {issued.number} say something else than its content"

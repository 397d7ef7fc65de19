"""Prove the invariants (DESIGN section 5) from what is stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from application.judging import judge
from application.number_guarding import all_series, behind_sentence, standing_of
from application.ports.clock import Clock
from application.ports.documents import DocumentFilter, DocumentRow, StoredDocument
from application.ports.order_translator import OrderTranslators
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
    translators: OrderTranslators
    clock: Clock

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
        gaps += [behind_sentence(standing) for series in all_series(uow) if (standing := standing_of(uow, series)).is_behind]
        yield _check("I1 series complete, hash chain intact", gaps, f"{count} documents")
        yield _check("I2 an order is on at most one live invoice", ask.orders_on_several_invoices())
        yield _check("I3 one effect per document and integration", ask.documents_delivered_twice())
        lost = [*ask.orders_without_trace(), *ask.invoices_owed_nowhere(), *self._wrong_decisions(uow)]
        yield _check("I4 every message and every due order is accounted for", lost)
        yield _check("I5 issued documents unchanged", [*tampered, *ask.missing_guards()], f"{count} documents")
        yield _check("I6 companies are kept apart", ask.documents_across_companies())
        yield _check("I7 nothing is stuck", ask.stuck_work(self.clock.now()))

    def _wrong_decisions(self, uow: UnitOfWork) -> Iterator[str]:
        """Every order that is on no invoice, judged again: what is kept for it must be what the rules say."""
        configuration = uow.configurations.current()
        after = 0
        while page := uow.orders.read_open(after, _PAGE):
            after = page[-1].order_id
            for stored in page:
                decision = judge(self.translators.for_source(stored.source).translate(stored.body), configuration)
                # One decided under an older configuration is decided anew before its company's next run.
                if stored.revision == configuration.revision and stored.decision != decision:
                    yield f"Order {stored.ref} is kept as {stored.decision}, and the rules say {decision}"


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
        rows = _listed(uow, series, page)
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
            tampered.extend(_differing_columns(name, stored, rows.get(stored.document_id)))
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
        yield f"{name}: the content of number {issued.number} is not in its canonical form"


def _listed(uow: UnitOfWork, series: NumberSeries, page: Sequence[StoredDocument]) -> Mapping[int, DocumentRow]:
    """The columns of these documents, as lists show them. Ids grow with the numbers of a series."""
    wanted = DocumentFilter(type=series.type, admin_company=series.admin_company)
    return {row.document_id: row for row in uow.documents.list(wanted, page[0].document_id - 1, len(page))}


def _differing_columns(name: str, stored: StoredDocument, row: DocumentRow | None) -> Iterator[str]:
    """What lists show must be what the hashed content says."""
    draft = stored.issued.draft
    told = None if row is None else (row.company, row.currency, row.net, row.tax, row.total, row.corrects)
    totals = draft.totals
    if told != (draft.company, draft.currency, totals.net, totals.tax, totals.total, draft.corrects):
        yield f"{name}: the columns of number {stored.issued.number} say something else than its content"

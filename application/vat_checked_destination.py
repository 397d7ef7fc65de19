"""A destination behind the VAT gate: what charges no tax because of the buyer's VAT number is checked before it goes out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from application.accounting.vat_gate import Passed, VatClaim, Verdict, compact
from application.ports.destination import CheckResult, Consignment, Destination, LaneContext, OrderDocument
from application.ports.vat_checks import VatChecker
from domain.companies.plan import BillTo
from domain.delivery.outcome import Delivered, LookUp, Outcome, RetryLater, StepDone
from domain.errors import DomainError, TemporaryFailure
from domain.invoicing.document import DocumentType
from domain.parties import Party
from domain.pricing.line_tax import Category
from domain.pricing.price_order import InvoiceLine

_BY_NUMBER = frozenset({Category.INTRA_COMMUNITY, Category.REVERSE_CHARGE})
_CHECK = "VAT numbers"
# A register that could not answer about so many numbers of a country is not asked about more of them in this batch.
_AWAY = 2


class Gate(Protocol):
    """``VatGate``."""

    def __call__(self, claim: VatClaim) -> Verdict:
        """Whether the sale may go out; may ask a register."""
        ...

    def evidence(self, claim: VatClaim) -> str:
        """By which answer it went out; asks nobody."""
        ...


@dataclass(frozen=True, slots=True)
class VatCheckedDestination:
    """The port ``Destination``. What passes goes on together, in one batch; look-ups and previews go on unasked.

    Credit notes pass: they take a claim back. So does what is partly delivered: its claim was checked before its first effect. Whichever
    try delivers a document in the end, the evidence stands with it.
    """

    inner: Destination
    gate: Gate
    register: VatChecker
    lane: LaneContext

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome | StepDone]]:
        """Those that must wait or are refused come first, without having been handed over."""
        waiting: list[tuple[str, RetryLater]] = []
        passed: list[Consignment] = []
        evidence: dict[int, str] = {}
        for consignment in batch:
            verdict = self._verdict(consignment, waiting)
            if isinstance(verdict, Passed):
                passed.append(consignment)
                evidence[consignment.delivery_id] = verdict.evidence
            else:
                yield consignment, verdict
        if passed:
            for consignment, outcome in self.inner.deliver(passed, handing_over):
                told = evidence[consignment.delivery_id]
                yield consignment, _with_evidence(outcome, told) if isinstance(outcome, Delivered) else outcome

    def look_up(self, consignment: Consignment) -> LookUp:
        """As the destination behind."""
        found = self.inner.look_up(consignment)
        claim = claim_of(consignment, self.lane)
        return _with_evidence(found, self.gate.evidence(claim)) if isinstance(found, Delivered) and claim is not None else found

    def check(self) -> Sequence[CheckResult]:
        """The destination's checks, and whether the register answers."""
        return [*self.inner.check(), self._register()]

    def preview(self, consignment: Consignment) -> str:
        """As the destination behind."""
        return self.inner.preview(consignment)

    def _verdict(self, consignment: Consignment, waiting: list[tuple[str, RetryLater]]) -> Verdict:
        """A register that is away is asked once about a number in a batch, and soon about no more of its country.

        Its answers are in the store; each question that it leaves open may take a minute, and others of the lane wait behind it.
        """
        claim = claim_of(consignment, self.lane)
        if claim is None:
            return Passed()
        if consignment.steps:
            return Passed(self.gate.evidence(claim))
        country = [(number, verdict) for number, verdict in waiting if number[:2] == claim.vat_number[:2]]
        same = [(number, verdict) for number, verdict in country if number == claim.vat_number]
        if same or len(country) >= _AWAY:
            return (same or country)[0][1]
        verdict = self.gate(claim)
        if isinstance(verdict, RetryLater):
            waiting.append((claim.vat_number, verdict))
        return verdict

    def _register(self) -> CheckResult:
        """Asked about the seller's own number: by it the register knows who asks."""
        if not self.lane.seller.vat_number:
            return CheckResult(_CHECK, ok=True, detail="Not asked: the seller has none, so nothing is sold by reverse charge.")
        try:
            answer = self.register.check(compact(self.lane.seller.vat_number), "")
        except TemporaryFailure as failure:
            return CheckResult(_CHECK, ok=False, detail=failure.text, next_step="Reverse charge waits until VIES answers; nothing is lost.")
        except DomainError as error:
            return CheckResult(_CHECK, ok=False, detail=error.text, next_step=error.next_step)
        if answer.valid is None:
            return CheckResult(_CHECK, ok=True, detail=f"Not asked: {answer.reason}")
        if not answer.valid:
            step = "Correct vat_number of the admin company, then `billhook apply`."
            return CheckResult(_CHECK, ok=False, detail=f"{answer.vat_number}, the seller's: {answer.reason}", next_step=step)
        return CheckResult(_CHECK, ok=True, detail=f"VIES answers, and knows the seller's {answer.vat_number}.")


def claim_of(consignment: Consignment, lane: LaneContext) -> VatClaim | None:
    """The claim that a consignment makes by its lines and its buyer; None where tax does not depend on a VAT number."""
    document = consignment.document
    if isinstance(document, OrderDocument):
        # As the order was priced: see domain/invoicing/case.py.
        buyer = document.order.billing if lane.company.plan.bill_to is BillTo.CUSTOMER else lane.company.party
        return _claim(document.priced.lines, buyer, VatClaim("", lane.seller.vat_number, lane.company.ref))
    draft = document.draft
    if draft.type is not DocumentType.INVOICE:
        return None
    invoice = f"{document.admin_company}:{document.display_number}"
    return _claim(draft.lines, draft.buyer, VatClaim("", draft.seller.vat_number, draft.company, invoice))


def _claim(lines: Sequence[InvoiceLine], buyer: Party, claim: VatClaim) -> VatClaim | None:
    if not any(line.tax.category in _BY_NUMBER for line in lines):
        return None
    return replace(claim, vat_number=buyer.vat_number)


def _with_evidence(delivered: Delivered, evidence: str) -> Delivered:
    return replace(delivered, detail="; ".join(filter(None, (delivered.detail.rstrip("."), evidence))))

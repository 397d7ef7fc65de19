"""The destination behind the VAT gate; what the gate itself asks and keeps is a test of the use cases."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from application.accounting.vat_gate import Passed, VatClaim, Verdict
from application.ports.destination import Consignment, LaneContext, OrderDocument
from application.ports.vat_checks import VatCheck
from application.vat_checked_destination import VatCheckedDestination
from domain.companies.company import Company
from domain.companies.plan import BillTo, Layout
from domain.delivery.outcome import Delivered, NotThere, Outcome, Refused, RetryLater, StepDone
from domain.errors import DomainError, TemporaryFailure
from domain.invoicing.document import DocumentType, Issued
from tests.factories import (
    CREATED_AT,
    VAT_NUMBERS,
    a_company,
    a_company_in,
    a_party_in,
    a_plan,
    an_admin_company_in,
    an_integration,
    an_issued,
    an_order,
    an_order_document,
    terms,
)
from tests.fakes.destination import InMemoryDestination

SELLER = an_admin_company_in("SE")
BUYER = a_company_in("NL")
AWAY = RetryLater("VIES cannot answer now.", 3600)
BAD = Refused("vat_number_invalid", "It is not valid.", "Correct it.")
GOOD = Passed("VAT number NL004495445B01 valid on 2026-11-21, consultation WAPI1")


class Gate:
    """A gate that answers as planned, and remembers what it was asked."""

    def __init__(self, verdict: Verdict = GOOD) -> None:
        self.verdict = verdict
        self.asked: list[VatClaim] = []

    def __call__(self, claim: VatClaim) -> Verdict:
        self.asked.append(claim)
        return self.verdict

    def evidence(self, claim: VatClaim) -> str:
        return f"answered before: {claim.vat_number}"


@dataclass
class Register:
    """A register with one answer."""

    answer: VatCheck | Exception = field(default_factory=lambda: VatCheck(VAT_NUMBERS["SE"], True, "", "", "", CREATED_AT))

    def check(self, vat_number: str, requester: str) -> VatCheck:
        assert (vat_number, requester) == (VAT_NUMBERS["SE"], "")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def a_lane(company: Company = BUYER, seller: object = SELLER) -> LaneContext:
    """Of that company."""
    return LaneContext(an_integration(kind="fortnox"), company, seller, {})  # type: ignore[arg-type]


def an_invoice(company: Company = BUYER) -> Issued:
    """An invoice of the Swedish seller."""
    return an_issued(under=terms(company, SELLER))


def consigned(*documents: Issued | OrderDocument) -> list[Consignment]:
    """Numbered from 1."""
    return [Consignment(number, f"dlv-{number}-0", document) for number, document in enumerate(documents, 1)]


def deliver(
    batch: Sequence[Consignment], gate: Gate, lane: LaneContext | None = None
) -> tuple[list[tuple[int, Outcome | StepDone]], InMemoryDestination]:
    """The outcomes by delivery, and the destination behind."""
    inner = InMemoryDestination()
    destination = VatCheckedDestination(inner, gate, Register(), lane or a_lane())
    return [(consignment.delivery_id, outcome) for consignment, outcome in destination.deliver(batch, lambda _batch: None)], inner


def test_what_is_sold_without_tax_is_checked_and_its_evidence_kept_with_the_attempt() -> None:
    """The claim names the buyer's number, the seller's, and the invoice."""
    gate = Gate()

    outcomes, inner = deliver(consigned(an_invoice()), gate)

    assert gate.asked == [VatClaim(VAT_NUMBERS["NL"], VAT_NUMBERS["SE"], "501", "seller-se:INV-000001")]
    assert outcomes == [(1, Delivered("remote", detail=GOOD.evidence))]
    assert inner.arrived == ["dlv-1-0"]


@pytest.mark.parametrize("verdict", [AWAY, BAD])
def test_what_does_not_pass_is_not_handed_over(verdict: Verdict) -> None:
    """The destination behind never sees it; the others of the batch go out."""
    outcomes, inner = deliver(consigned(an_invoice(), an_invoice(a_company_in("SE"))), Gate(verdict))

    assert outcomes == [(1, verdict), (2, Delivered("remote"))]
    assert inner.arrived == ["dlv-2-0"]


def test_a_register_that_is_away_is_asked_once_for_a_batch() -> None:
    """Fifty documents of one buyer are one question."""
    gate = Gate(AWAY)

    outcomes, _ = deliver(consigned(*[an_invoice()] * 50), gate)

    assert [outcome for _, outcome in outcomes] == [AWAY] * 50
    assert len(gate.asked) == 1


@pytest.mark.parametrize("document", [an_invoice(a_company_in("SE")), an_invoice(a_company())], ids=["domestic", "export"])
def test_tax_that_depends_on_no_number_is_not_asked_about(document: Issued) -> None:
    """Neither at home nor for what leaves the Union."""
    gate = Gate(BAD)

    outcomes, _ = deliver(consigned(document), gate)

    assert (outcomes, gate.asked) == ([(1, Delivered("remote"))], [])


def test_credit_notes_and_what_is_partly_there_pass() -> None:
    """The first take a claim back; the claim of the others was checked."""
    gate = Gate(BAD)
    invoice = an_invoice()
    note = replace(invoice, draft=replace(invoice.draft, type=DocumentType.CREDIT_NOTE))
    batch = [*consigned(note), Consignment(2, "dlv-2-0", invoice, steps={"document": "17"})]

    outcomes, inner = deliver(batch, gate)

    assert gate.asked == []
    assert outcomes == [(1, Delivered("remote")), (2, Delivered("remote", detail="answered before: NL004495445B01"))]
    assert inner.arrived == ["dlv-1-0", "dlv-2-0"]


def test_what_a_look_up_finds_has_its_evidence_too() -> None:
    """The answer to the handing over was lost; the answer of the register was not."""
    inner = InMemoryDestination()
    destination = VatCheckedDestination(inner, Gate(), Register(), a_lane())
    batch = consigned(an_invoice(), an_invoice(a_company_in("SE")))
    list(destination.deliver(batch, lambda _batch: None))

    found = [destination.look_up(consignment) for consignment in batch]

    assert found == [Delivered("remote", detail="answered before: NL004495445B01"), Delivered("remote")]


def test_a_country_that_is_away_is_not_asked_about_each_of_its_numbers() -> None:
    """Each question may take a minute, and the lane's other documents wait behind it."""
    gate = Gate(AWAY)
    of_customers = [
        an_invoice(replace(BUYER, vat_number=number)) for number in ("NL004495445B01", "NL010000446B01", "NL001234567B01", "DE136695976")
    ]

    outcomes, _ = deliver(consigned(*of_customers), gate)

    assert [outcome for _, outcome in outcomes] == [AWAY] * 4
    assert [claim.vat_number for claim in gate.asked] == ["NL004495445B01", "NL010000446B01", "DE136695976"]


@pytest.mark.parametrize("bill_to", [BillTo.COMPANY, BillTo.CUSTOMER])
def test_of_an_order_the_number_of_its_buyer_is_checked(bill_to: BillTo) -> None:
    """The company's, or that of the order's customer, as the plan says."""
    company = replace(BUYER, plan=a_plan(bill_to=bill_to, layout=Layout.INDIVIDUAL))
    customer = a_party_in("DE", with_vat_number=True)
    order = an_order_document(an_order(billing=customer, shipping=customer), terms(company, SELLER))
    gate = Gate()

    deliver(consigned(order), gate, a_lane(company))

    expected = VAT_NUMBERS["NL"] if bill_to is BillTo.COMPANY else VAT_NUMBERS["DE"]
    assert gate.asked == [VatClaim(expected, VAT_NUMBERS["SE"], "501")]


@pytest.mark.parametrize(
    ("answer", "is_ok", "detail"),
    [
        (VatCheck(VAT_NUMBERS["SE"], True, "", "", "", CREATED_AT), True, "VIES answers, and knows the seller's SE556703748501."),
        (VatCheck(VAT_NUMBERS["SE"], None, "", "", "", CREATED_AT, "Not covered."), True, "Not asked: Not covered."),
        (VatCheck(VAT_NUMBERS["SE"], False, "", "", "", CREATED_AT, "No."), False, "SE556703748501, the seller's: No."),
        (TemporaryFailure("VIES did not answer."), False, "VIES did not answer."),
        (
            DomainError("vat_check_blocked", "VIES does not answer to this address.", "Ask them."),
            False,
            "VIES does not answer to this address.",
        ),
    ],
)
def test_a_live_check_asks_about_the_seller(answer: VatCheck | Exception, is_ok: bool, detail: str) -> None:
    """Behind the checks of the destination."""
    found = VatCheckedDestination(InMemoryDestination(), Gate(), Register(answer), a_lane()).check()

    assert [check.name for check in found] == ["reachable", "VAT numbers"]
    assert (found[1].ok, found[1].detail) == (is_ok, detail)
    assert is_ok or found[1].next_step


def test_a_seller_without_a_number_asks_nobody() -> None:
    """Nothing can be sold by reverse charge then."""
    register = Register(AssertionError("nobody may be asked"))

    found = VatCheckedDestination(InMemoryDestination(), Gate(), register, a_lane(seller=replace(SELLER, vat_number=""))).check()

    assert found[1].ok


def test_look_ups_and_previews_are_those_of_the_destination_behind() -> None:
    """They send nothing, so nothing is asked."""
    gate = Gate(BAD)
    destination = VatCheckedDestination(InMemoryDestination(), gate, Register(), a_lane())
    [consignment] = consigned(an_invoice())

    assert (destination.look_up(consignment), destination.preview(consignment), gate.asked) == (NotThere(), "dlv-1-0", [])

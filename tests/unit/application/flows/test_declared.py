from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from application.flows.declared import flow_mistakes
from domain.companies.flow import Conflict, Flow, FlowDocument, FlowObject
from domain.companies.integration import Integration
from domain.companies.plan import BillTo, Layout
from tests.factories import a_company, a_configuration, a_plan

FLOW = Flow("web", "501/jortt", "501/fortnox")
FROM_FORTNOX = Flow("web", "501/fortnox", "501/jortt")
ORDER, INVOICE, ESTIMATE = FlowDocument.ORDER, FlowDocument.INVOICE, FlowDocument.ESTIMATE


def mistakes(
    flow: Flow, bill_to: BillTo = BillTo.CUSTOMER, others: tuple[Flow, ...] = (), jortt: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """By their places, in a company that has a jortt with these settings, a Fortnox and a mailer, and other flows."""
    company = a_company(plan=a_plan(bill_to=bill_to, layout=Layout.INDIVIDUAL))
    integrations = [Integration("501", kind) for kind in ("fortnox", "pdf_emailer")]
    integrations.append(Integration("501", "jortt", settings=jortt or {}))
    flows = {each.name: each for each in (flow, *others)}
    wanted = a_configuration(company, integrations={each.path: each for each in integrations}, flows=flows)
    return {mistake.path: mistake.text for mistake in flow_mistakes(flow, wanted)}


def test_a_flow_between_two_books_is_in_order() -> None:
    """And so is one that is off, whatever it names."""
    assert mistakes(FLOW) == {}
    assert mistakes(replace(FLOW, source="gone/jortt", target="gone/jortt", enabled=False)) == {}


@pytest.mark.parametrize(
    ("flow", "place", "words"),
    [
        (replace(FLOW, source="501/xero"), "flows[web].source", "There is no integration '501/xero'"),
        (replace(FLOW, target="501/pdf_emailer"), "flows[web].target", "fortnox and jortt"),
        (replace(FLOW, target="501/jortt"), "flows[web].target", "two integrations"),
    ],
)
def test_what_a_flow_names_must_fit(flow: Flow, place: str, words: str) -> None:
    """The sentence says what would."""
    assert words in mistakes(flow)[place]


def test_a_target_that_is_billed_itself_is_refused() -> None:
    """All that comes would be for the company, and not for its customers."""
    assert "bill_to: customer" in mistakes(FLOW, BillTo.COMPANY)["flows[web].target"]


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (replace(FROM_FORTNOX, statuses=("paid",)), "does not say of its orders whether they are 'paid'"),
        (replace(FROM_FORTNOX, statuses=("paid",)), "open, sent, invoiced or cancelled. With document: invoice it does."),
        (replace(FROM_FORTNOX, statuses=("piad",), document=INVOICE), "draft, booked, sent, unpaid, paid or cancelled."),
        (replace(FLOW, statuses=("accepted",)), "With document: estimate it does."),
        (replace(FLOW, statuses=("cancelled",)), "draft, sent, unpaid or paid."),
    ],
)
def test_a_status_that_the_source_does_not_have_is_refused(flow: Flow, words: str) -> None:
    """With those it has, and with the document that would have it; nothing would ever come over."""
    assert words in mistakes(flow)["flows[web].statuses"]


@pytest.mark.parametrize(
    "flow",
    [
        replace(FROM_FORTNOX, statuses=("paid", "Unpaid"), document=INVOICE),
        replace(FROM_FORTNOX, statuses=("open", "SENT")),
        replace(FLOW, statuses=("paid",)),
        replace(FLOW, statuses=("signed",), document=ESTIMATE),
    ],
)
def test_a_status_that_the_source_has_is_in_order(flow: Flow) -> None:
    """In any case of its letters."""
    assert mistakes(flow) == {}


@pytest.mark.parametrize(("flow", "words"), [(FROM_FORTNOX, "order or invoice"), (FLOW, "invoice or estimate")])
def test_a_document_that_the_source_does_not_have_is_refused(flow: Flow, words: str) -> None:
    """There are no orders in jortt, and no estimates of Fortnox are read."""
    other = ESTIMATE if flow is FROM_FORTNOX else ORDER

    assert words in mistakes(replace(flow, document=other))["flows[web].document"]


def test_what_the_integration_writes_is_what_is_read_of_jortt() -> None:
    """So estimates have their statuses without a word of the flow's."""
    flow = replace(FLOW, statuses=("accepted",))

    assert mistakes(flow, jortt={"document": "estimate"}) == {}
    assert mistakes(replace(flow, document=INVOICE), jortt={"document": "estimate"}).keys() == {"flows[web].statuses"}


def of_customers(conflicts: Conflict, name: str = "web", flow: Flow = FLOW) -> Flow:
    """Carries customers only."""
    return replace(flow, name=name, objects=(FlowObject.CUSTOMERS,), conflicts=conflicts)


@pytest.mark.parametrize(
    ("word", "back", "words"),
    [
        (Conflict.NEWEST, None, "declare a flow of customers from 501/fortnox too"),
        (Conflict.NEWEST, Conflict.TARGET, "Say newest in both"),
        (Conflict.TARGET, Conflict.NEWEST, "Say newest in both"),
        (Conflict.SOURCE, Conflict.SOURCE, "each would overwrite what the other brought"),
    ],
)
def test_flows_both_ways_must_agree_whose_word_counts(word: Conflict, back: Conflict | None, words: str) -> None:
    """Otherwise two changes would go round and round, or nobody could tell which is newer."""
    others = (of_customers(back, "back", FROM_FORTNOX),) if back else ()

    assert words in mistakes(of_customers(word), others=others)["flows[web].conflicts"]


@pytest.mark.parametrize(
    ("word", "back"),
    [
        (Conflict.SOURCE, Conflict.TARGET),
        (Conflict.TARGET, Conflict.SOURCE),
        (Conflict.TARGET, Conflict.TARGET),
        (Conflict.NEWEST, Conflict.NEWEST),
    ],
)
def test_flows_both_ways_that_agree_are_in_order(word: Conflict, back: Conflict) -> None:
    """One side leads, or none, or whoever changed last; a flow back that is off, or carries orders only, is no matter."""
    off = replace(of_customers(Conflict.SOURCE, "off", FROM_FORTNOX), enabled=False)

    assert mistakes(of_customers(word), others=(of_customers(back, "back", FROM_FORTNOX), off)) == {}
    assert mistakes(of_customers(Conflict.SOURCE), others=(replace(FROM_FORTNOX, name="orders", conflicts=Conflict.SOURCE),)) == {}

from dataclasses import replace

import pytest

from application.flows.declared import flow_mistakes
from domain.companies.flow import Flow
from domain.companies.integration import Integration
from domain.companies.plan import BillTo, Layout
from tests.factories import a_company, a_configuration, a_plan

FLOW = Flow("web", "501/jortt", "501/fortnox")


def mistakes(flow: Flow, bill_to: BillTo = BillTo.CUSTOMER) -> dict[str, str]:
    """By their places, in a company that has a jortt, a Fortnox and a mailer."""
    company = a_company(plan=a_plan(bill_to=bill_to, layout=Layout.INDIVIDUAL))
    integrations = [Integration("501", kind) for kind in ("jortt", "fortnox", "pdf_emailer")]
    wanted = a_configuration(company, integrations={each.path: each for each in integrations})
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

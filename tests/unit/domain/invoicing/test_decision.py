"""The rules of DESIGN section 2, one by one and in their order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.companies.plan import BillTo, Plan
from domain.invoicing.case import Case, Terms
from domain.invoicing.decision import NEEDS_PERSON, Decision, decide, explain, first_failing
from domain.invoicing.rules import RULES
from domain.orders.order import Order
from domain.orders.status import NAMES
from tests.factories import (
    CREATED_AT,
    a_case,
    a_company,
    a_plan,
    a_price,
    an_address,
    an_order,
    an_order_line,
    an_unknown_company_case,
    terms,
)

NOT_DISPATCHED: dict[str, Any] = {"status": 1, "status_name": "Received", "dispatched_at": None}


def under(**changes: Any) -> Terms:
    """The default terms with changes of the plan."""
    return terms(a_company(plan=a_plan(**changes)))


def decision_of(order: Order | None = None, **plan_changes: Any) -> Decision:
    """Decide an order under a changed plan."""
    return decide(a_case(order, under(**plan_changes)))


# The rules one by one


def test_a_dispatched_order_of_a_known_company_is_due() -> None:
    """The ordinary case."""
    assert decision_of() is Decision.DUE


def test_an_order_of_an_unknown_company_waits_for_it() -> None:
    """It is kept, and needs a person."""
    assert decide(an_unknown_company_case()) is Decision.COMPANY_UNKNOWN


def test_an_order_of_an_admin_company_itself_is_never_invoiced() -> None:
    """Automatic invoicing must never run on the seller."""
    assert decide(Case(an_order(), None, is_admin_company=True)) is Decision.PLAN_DISABLED
    assert decide(a_case(is_admin_company=True)) is Decision.PLAN_DISABLED


def test_a_disabled_plan_invoices_nothing() -> None:
    """The switch of the company."""
    assert decision_of(enabled=False) is Decision.PLAN_DISABLED


@pytest.mark.parametrize(("offset_s", "expected"), [(-1, Decision.BEFORE_START), (0, Decision.DUE), (1, Decision.DUE)])
def test_nothing_made_before_the_start_is_invoiced(offset_s: int, expected: Decision) -> None:
    """The start itself is in."""
    order = an_order(created_at=CREATED_AT + timedelta(seconds=offset_s))

    assert decision_of(order, starting_from=CREATED_AT) is expected


def test_an_order_without_a_time_is_before_any_start() -> None:
    """It cannot be shown to be after it."""
    assert decision_of(an_order(created_at=None)) is Decision.BEFORE_START
    assert decision_of(an_order(created_at=None), starting_from=None) is Decision.DUE


def test_an_order_on_a_live_invoice_is_invoiced() -> None:
    """On at most one."""
    assert decide(a_case(invoice_number="INV-000001")) is Decision.INVOICED


@pytest.mark.parametrize(("status", "name"), [(128, "Cancelled"), (None, "Refunded"), (None, "Returned"), (None, "cancelled")])
def test_cancelled_refunded_and_returned_orders_are_never_invoiced(status: int | None, name: str) -> None:
    """Though they were dispatched."""
    assert decision_of(an_order(status=status, status_name=name)) is Decision.CANCELLED


@pytest.mark.parametrize(("status", "name"), [(256, ""), (256, "On Hold"), (None, "On Hold"), (None, "On Hold (Supplier)")])
def test_orders_on_hold_are_left_out_always(status: int | None, name: str) -> None:
    """Neither errors included nor a list of statuses that names it changes that."""
    order = an_order(status=status, status_name=name, has_error=True)

    assert decision_of(order, include_orders_with_errors=True, billable_statuses=("256", "On Hold (Supplier)")) is Decision.ON_HOLD


def test_orders_in_error_are_invoiced_only_where_the_plan_includes_them() -> None:
    """And then like any other."""
    order = an_order(has_error=True, error_message="artwork missing")

    assert decision_of(order) is Decision.HAS_ERROR
    assert decision_of(order, include_orders_with_errors=True) is Decision.DUE
    assert decision_of(replace(order, **NOT_DISPATCHED), include_orders_with_errors=True) is Decision.STATUS_NOT_BILLABLE


@pytest.mark.parametrize("status", sorted(NAMES))
def test_of_the_known_statuses_only_the_dispatched_family_is_billable(status: int) -> None:
    """As long as no dispatch time is known."""
    decision = decision_of(an_order(status=status, status_name="", dispatched_at=None))

    assert (decision is Decision.DUE) == (status in {8, 64, 516})


@pytest.mark.parametrize("name", ["Delivered", "Delivered (Retailer Notified)", "delivered"])
def test_delivered_orders_are_billable(name: str) -> None:
    """These statuses have no public code."""
    assert decision_of(an_order(status=None, status_name=name, dispatched_at=None)) is Decision.DUE


def test_a_dispatch_time_makes_an_order_billable_whatever_status_it_moved_to() -> None:
    """Setting "force shipper received" moves orders past dispatched."""
    assert decision_of(an_order(status=None, status_name="Archived")) is Decision.DUE


def test_a_plan_may_have_its_own_billable_statuses() -> None:
    """By code or by name."""
    order = an_order(status=1, status_name="Received", dispatched_at=None)

    assert decision_of(order, billable_statuses=("1",)) is Decision.DUE
    assert decision_of(order, billable_statuses=("received",)) is Decision.DUE
    assert decision_of(order, billable_statuses=("4",)) is Decision.STATUS_NOT_BILLABLE


@pytest.mark.parametrize(
    ("payment_status", "bill_to", "expected"),
    [
        ("paid", BillTo.CUSTOMER, Decision.DUE),
        ("PAID", BillTo.CUSTOMER, Decision.DUE),
        ("open", BillTo.CUSTOMER, Decision.STATUS_NOT_BILLABLE),
        ("", BillTo.CUSTOMER, Decision.STATUS_NOT_BILLABLE),
        ("open", BillTo.COMPANY, Decision.DUE),
    ],
)
def test_customers_may_be_billed_only_when_they_have_paid(payment_status: str, bill_to: BillTo, expected: Decision) -> None:
    """The list of payment statuses says nothing about a trade invoice."""
    assert decision_of(an_order(payment_status=payment_status), bill_to=bill_to, payment_statuses=("Paid",)) is expected


def test_orders_free_of_charge_are_not_invoiced() -> None:
    """Whatever prices they carry."""
    assert decision_of(an_order(is_free_of_charge=True)) is Decision.FREE_OF_CHARGE


def test_an_order_without_a_price_waits_for_a_person() -> None:
    """Until the price list has it."""
    order = an_order(lines=(an_order_line(unit_cost_price=None),))

    assert decide(a_case(order)) is Decision.PRICE_MISSING
    assert decide(a_case(order, terms(prices=[a_price()]))) is Decision.DUE


def test_an_order_without_a_tax_waits_for_a_person() -> None:
    """Until the rates have it."""
    assert decide(a_case(under=terms(rates=[]))) is Decision.TAX_MISSING


def test_a_customer_without_a_country_waits_for_a_person() -> None:
    """It is no export."""
    order = an_order()
    order = replace(order, billing=replace(order.billing, address=an_address(country="")))
    case = a_case(order, under(bill_to=BillTo.CUSTOMER))

    assert decide(case) is Decision.TAX_MISSING
    assert "billing_country_code" in next(result.fix for result in explain(case) if result.code == "tax_missing")


def test_a_line_without_a_tax_code_is_not_mended_with_a_rate() -> None:
    """No rate could be found for it: the order, or its price, must name a code."""
    own = a_case(an_order(lines=(an_order_line(tax_code="", sale_vat_rate=None),)))
    listed = a_case(
        an_order(lines=(an_order_line(tax_code="", sale_vat_rate=None, unit_cost_price=None),)), terms(prices=[a_price(tax_code="")])
    )

    fixes = [next(result.fix for result in explain(case) if result.code == "tax_missing") for case in (own, listed)]

    assert all("tax_code" in fix and "tax_rates" not in fix for fix in fixes)
    assert ["price list" in fix for fix in fixes] == [False, True]


def test_an_order_without_a_currency_waits_for_a_person() -> None:
    """Unless its company has one."""
    assert decide(a_case(an_order(currency=""))) is Decision.DUE
    assert decide(a_case(an_order(currency=""), terms(a_company(currency="")))) is Decision.CURRENCY_MISSING
    assert decide(a_case(an_order(currency="QQQ"))) is Decision.CURRENCY_MISSING


# The order of the rules

# A change that makes exactly this rule fail, in the binding order.
BREAKING: dict[str, dict[str, Any]] = {
    "plan_disabled": {"plan": {"enabled": False}},
    "before_start": {"order": {"created_at": datetime(2020, 1, 1, tzinfo=UTC)}},
    "already_invoiced": {"case": {"invoice_number": "INV-000001"}},
    "cancelled": {"order": {"status": 128, "status_name": ""}},
    "on_hold": {"order": {"status_name": "On Hold (Supplier)"}},
    "has_error": {"order": {"has_error": True}},
    "status_not_billable": {"order": {"dispatched_at": None}, "plan": {"billable_statuses": ("512",)}},
    "free_of_charge": {"order": {"is_free_of_charge": True}},
    "price_missing": {"order": {"lines": ()}},
    "tax_missing": {"order": {"shipping_tax_rate": None}, "terms": {"rates": []}},
    "currency_missing": {"order": {"currency": "QQQ"}},
}


def broken(codes: list[str]) -> Case:
    """A case in which the rules of these codes fail, and no other."""
    changes: dict[str, dict[str, Any]] = {"order": {}, "plan": {}, "case": {}, "terms": {}}
    for code in codes:
        for part, change in BREAKING[code].items():
            changes[part] |= change
    # Without a tax code the line's own rate decides, so that rates matter to the shipping only.
    order = an_order(**{"lines": (an_order_line(tax_code=""),), **changes["order"]})
    return a_case(order, terms(a_company(plan=a_plan(**changes["plan"])), **changes["terms"]), **changes["case"])


def test_the_rules_are_asked_in_the_order_of_the_design() -> None:
    """Their codes are public."""
    assert [rule.code for rule in RULES] == ["from_flow", "company_unknown", *BREAKING]


@given(st.sets(st.sampled_from(list(BREAKING))))
def test_the_first_rule_that_fails_is_the_decision(codes: set[str]) -> None:
    """Whatever other rules fail as well."""
    case = broken(sorted(codes))

    rule = first_failing(case)

    expected = next((code for code in BREAKING if code in codes), None)
    assert (rule.code if rule else None) == expected
    assert decide(case) == {"already_invoiced": "invoiced", None: "due"}.get(expected, expected)
    assert {result.code for result in explain(case) if not result.passed} == codes


# Laws

plans = st.builds(
    Plan,
    enabled=st.just(value=True) | st.booleans(),
    starting_from=st.none() | st.datetimes(timezones=st.just(UTC)),
    include_orders_with_errors=st.booleans(),
    bill_to=st.sampled_from(BillTo),
    billable_statuses=st.lists(st.sampled_from(["1", "8", "256", "128", "On Hold (Supplier)", "Refunded", "Delivered"])).map(tuple),
    payment_statuses=st.lists(st.sampled_from(["paid", "open"])).map(tuple),
)
orders = st.builds(
    an_order,
    status=st.sampled_from([None, 1, 8, 128, 256]),
    status_name=st.sampled_from(["", "On Hold", "On Hold (Supplier)", "Refunded", "Delivered", "Dispatched"]),
    has_error=st.booleans(),
    is_free_of_charge=st.booleans(),
    created_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    dispatched_at=st.none() | st.just(CREATED_AT),
    payment_status=st.sampled_from(["", "paid", "open"]),
    currency=st.sampled_from(["", "GBP", "EUR", "QQQ"]),
    lines=st.sampled_from([(), (an_order_line(),), (an_order_line(unit_cost_price=None),), (an_order_line(tax_code="luxury"),)]),
    shipping_price=st.sampled_from([Decimal(0), Decimal("3.50")]),
)


@given(orders, plans)
def test_a_due_order_breaks_no_rule_of_the_design(order: Order, plan: Plan) -> None:
    """The safety net, told apart from the code of the rules."""
    case = a_case(order, terms(a_company(plan=plan)))

    if decide(case) is Decision.DUE:
        assert order.status not in {128, 256}
        assert order.status_name not in {"On Hold", "On Hold (Supplier)", "Refunded"}
        assert not order.is_free_of_charge
        assert plan.include_orders_with_errors or not order.has_error
        assert plan.starting_from is None or (order.created_at is not None and order.created_at >= plan.starting_from)
        assert plan.enabled
        assert order.lines
        assert order.currency in {"", "GBP", "EUR"}
        assert order.dispatched_at or str(order.status) in plan.billable_statuses or order.status_name


@given(orders, plans)
def test_an_order_on_hold_is_never_due_whatever_else(order: Order, plan: Plan) -> None:
    """No setting overrides it."""
    for status, name in ((256, order.status_name), (order.status, "On Hold"), (order.status, "On Hold (Supplier)")):
        case = a_case(replace(order, status=status, status_name=name), terms(a_company(plan=plan)))
        assert decide(case) is not Decision.DUE


@given(orders, plans)
def test_each_rule_can_be_explained_and_says_what_to_do(order: Order, plan: Plan) -> None:
    """Facts always, a fix where it fails."""
    for result in explain(a_case(order, terms(a_company(plan=plan)))):
        assert all(isinstance(value, str) for value in result.facts.values())
        assert bool(result.fix) == (not result.passed)


def test_without_a_company_only_its_absence_is_explained() -> None:
    """No other rule can be judged."""
    results = explain(an_unknown_company_case())

    assert [(result.code, result.passed) for result in results] == [("from_flow", True), ("company_unknown", False)]


def test_an_admin_company_is_explained_up_to_its_own_rule() -> None:
    """It has no plan to look at."""
    results = explain(Case(an_order(), None, is_admin_company=True))

    expected = [("from_flow", True), ("company_unknown", True), ("plan_disabled", False)]
    assert [(result.code, result.passed) for result in results] == expected


def test_an_order_of_a_flow_is_never_invoiced() -> None:
    """It has its invoice where it came from; whether its company is known does not matter."""
    order = an_order(source="flow:web")

    assert decide(a_case(order)) == decide(an_unknown_company_case(order)) == "from_flow"
    assert "'web'" in explain(a_case(order))[0].fix


def test_what_needs_a_person_is_a_decision_of_its_own() -> None:
    """They are reported, never silently skipped."""
    assert {decision.value for decision in NEEDS_PERSON} == {"company_unknown", "price_missing", "tax_missing", "currency_missing"}

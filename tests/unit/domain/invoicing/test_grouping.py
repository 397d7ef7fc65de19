from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from domain.companies.plan import BillTo, Layout
from domain.invoicing.case import Case
from domain.invoicing.grouping import group_orders
from tests.factories import a_case, a_company, a_party, a_party_in, a_plan, an_order, an_order_line, terms


def refs(groups: list[tuple[Case, ...]]) -> list[list[str]]:
    """The order refs of each group."""
    return [[case.order.ref for case in group] for group in groups]


def test_individual_makes_an_invoice_for_each_order() -> None:
    """In the order in which they came."""
    company = a_company(plan=a_plan(layout=Layout.INDIVIDUAL))
    cases = [a_case(an_order(ref=ref), terms(company)) for ref in ("3", "1", "2")]

    assert refs(list(group_orders(company, cases))) == [["3"], ["1"], ["2"]]


def test_combined_puts_all_orders_that_fit_on_one_invoice() -> None:
    """Rates may differ; currencies may not."""
    company = a_company()
    zero_rated = an_order_line(tax_code="zero")
    orders = [
        an_order(ref="1"),
        an_order(ref="2", currency="EUR"),
        an_order(ref="3", lines=(zero_rated,)),
        an_order(ref="4", currency="EUR"),
    ]

    assert refs(list(group_orders(company, [a_case(order, terms(company)) for order in orders]))) == [["1", "3"], ["2", "4"]]


def test_an_order_without_a_currency_joins_those_in_the_company_s() -> None:
    """It is billed in the same one."""
    company = a_company()
    orders = [an_order(ref="1"), an_order(ref="2", currency="")]

    assert refs(list(group_orders(company, [a_case(order, terms(company)) for order in orders]))) == [["1", "2"]]


def test_customers_share_an_invoice_only_with_themselves() -> None:
    """The bill-to party is the whole party, not its name."""
    company = a_company(plan=a_plan(bill_to=BillTo.CUSTOMER))
    buyers = [a_party(), a_party(email="other@example.com"), a_party(), a_party_in("NL")]
    cases = [a_case(an_order(ref=str(number), billing=buyer), terms(company)) for number, buyer in enumerate(buyers)]

    assert refs(list(group_orders(company, cases))) == [["0", "2"], ["1"], ["3"]]


def test_an_invoice_has_a_limited_number_of_orders() -> None:
    """The rest go on the next."""
    company = a_company(plan=a_plan(orders_per_invoice_max=2))
    cases = [a_case(an_order(ref=str(number)), terms(company)) for number in range(5)]

    assert refs(list(group_orders(company, cases))) == [["0", "1"], ["2", "3"], ["4"]]


def test_no_orders_make_no_invoice() -> None:
    """Of either layout."""
    assert not list(group_orders(a_company(), []))


orders = st.lists(
    st.builds(
        an_order,
        currency=st.sampled_from(["", "GBP", "EUR", "SEK"]),
        billing=st.sampled_from([a_party(), a_party(name="B"), a_party_in("DE")]),
    ),
    max_size=30,
)


@given(orders, st.sampled_from(Layout), st.sampled_from(BillTo), st.integers(min_value=1, max_value=7))
def test_every_order_is_on_exactly_one_invoice_and_none_is_mixed(some: list, layout: Layout, bill_to: BillTo, size: int) -> None:  # type: ignore[type-arg]
    """Nothing lost, nothing doubled, no invoice with two currencies, buyers or tax decisions, none over the limit."""
    company = a_company(plan=a_plan(layout=layout, bill_to=bill_to, orders_per_invoice_max=size))
    known = terms(company)
    cases = [Case(order, known) for order in some]

    groups = list(group_orders(company, cases))

    assert Counter(id(case) for group in groups for case in group) == Counter(map(id, cases))
    for group in groups:
        assert 1 <= len(group) <= (1 if layout is Layout.INDIVIDUAL else size)
        assert len({(case.priced.currency, case.buyer, case.tax_decision) for case in group}) == 1

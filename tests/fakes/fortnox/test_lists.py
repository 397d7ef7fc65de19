from datetime import UTC, date, datetime

import pytest

from tests.fakes.clock import SetClock
from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of


def references(caller: Caller, **query: str) -> list[str]:
    return [invoice["ExternalInvoiceReference1"] for invoice in caller.get("invoices", **query).json()["Invoices"]]


def test_filters_match_a_part_of_the_text_in_any_case(caller: Caller) -> None:
    """Key A1 finds A10 too: the trap that adapters must not fall into."""
    caller.customer(CustomerNumber="C1")
    for key in ("A1", "A10", "B"):
        caller.invoice(CustomerNumber="C1", ExternalInvoiceReference1=key)

    assert references(caller, externalinvoicereference1="a1") == ["A1", "A10"]
    assert references(caller, externalinvoicereference1="none") == []


def test_only_one_filter_of_the_resource_is_taken(caller: Caller) -> None:
    """It may stand beside those that all lists have."""
    both = caller.get("invoices", externalinvoicereference1="k", customernumber="C1")
    beside = caller.get("invoices", externalinvoicereference1="k", lastmodified="2026-01-01 00:00", fromdate="2026-01-01")

    assert code_of(both) == (400, 2000588)
    assert beside.status_code == 200


def test_lists_have_pages(caller: Caller) -> None:
    """Counted in the answer; past the end there is nothing."""
    for number in range(1, 6):
        caller.customer(CustomerNumber=str(number))

    last = caller.get("customers", limit="2", page="3").json()
    beyond = caller.get("customers", limit="2", page="4").json()

    assert last["MetaInformation"] == {"@TotalResources": 5, "@TotalPages": 3, "@CurrentPage": 3}
    assert [customer["CustomerNumber"] for customer in last["Customers"]] == ["5"]
    assert beyond["Customers"] == []


def test_an_empty_list_has_no_pages(caller: Caller) -> None:
    """As recorded."""
    assert caller.get("customers").json() == {
        "MetaInformation": {"@TotalResources": 0, "@TotalPages": 0, "@CurrentPage": 1},
        "Customers": [],
    }


@pytest.mark.parametrize("query", [{"limit": "501"}, {"limit": "0"}, {"Limit": "5"}, {"colour": "red"}, {"lastmodified": "yesterday"}])
def test_parameters_that_are_not_known_are_refused(caller: Caller, query: dict[str, str]) -> None:
    """Their names are all lower case."""
    assert code_of(caller.get("customers", **query)) == (400, 2000588)


def test_list_items_hold_little(caller: Caller) -> None:
    """Ten fields of a customer; the rate of an invoice as text."""
    caller.customer(CustomerNumber="C1", Phone1="0470")
    caller.invoice(CustomerNumber="C1", Currency="EUR")

    customer, invoice = caller.get("customers").json()["Customers"][0], caller.get("invoices").json()["Invoices"][0]

    assert (len(customer), customer["Phone"]) == (10, "0470")
    assert invoice["CurrencyRate"] == "11.25"
    assert caller.get("invoices/1").json()["Invoice"]["CurrencyRate"] == 11.25


def test_states_and_flags_choose_invoices(caller: Caller) -> None:
    """As far as they can be told here."""
    caller.customer(CustomerNumber="C1", Email="a@b.example")
    for key in ("open", "cancelled", "bookkept", "sent"):
        caller.invoice(
            CustomerNumber="C1", ExternalInvoiceReference1=key, InvoiceRows=[{"Description": "x", "DeliveredQuantity": "1", "Price": 1}]
        )
    caller.put("invoices/2/cancel")
    caller.put("invoices/3/bookkeep")
    caller.put("invoices/4/externalprint")

    assert references(caller, filter="cancelled") == ["cancelled"]
    assert references(caller, filter="unbooked") == ["open", "sent"]
    assert references(caller, filter="unpaid") == ["bookkept"]
    assert references(caller, sent="true") == ["sent"]


def test_lists_are_sorted_by_number_unless_told_otherwise(caller: Caller) -> None:
    """10 comes after 9."""
    for number in ("10", "9"):
        caller.customer(CustomerNumber=number, Name=f"Kund {number}")

    usual = [customer["CustomerNumber"] for customer in caller.get("customers").json()["Customers"]]
    turned = [
        customer["CustomerNumber"]
        for customer in caller.get("customers", sortby="customernumber", sortorder="descending").json()["Customers"]
    ]

    assert (usual, turned) == (["9", "10"], ["10", "9"])


def test_changes_are_found_by_swedish_time(clocked_fortnox: FakeFortnox, clock: SetClock) -> None:
    """12:00 in UTC is 13:00 in Sweden in November."""
    clocked_fortnox.add_company()
    with Caller(clocked_fortnox) as caller:
        caller.customer(CustomerNumber="old")
        clock.advance(minutes=10)
        caller.customer(CustomerNumber="new")

        found = caller.get("customers", lastmodified="2026-11-21 13:05").json()["Customers"]

    assert [customer["CustomerNumber"] for customer in found] == ["new"]


def test_today_is_swedish(clocked_fortnox: FakeFortnox, clock: SetClock) -> None:
    """Shortly before midnight in UTC it is tomorrow there."""
    clock.advance(hours=11, minutes=30)
    company = clocked_fortnox.add_company()

    assert clock.now() == datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert company.today() == date(2026, 11, 22)

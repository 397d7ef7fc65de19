"""Customers that both systems have and that change on either side, or on both, with flows in both directions."""

from dataclasses import replace
from typing import Any

import pytest

from application.ports.deliveries import Change
from domain.companies.flow import Conflict, Flow, FlowObject
from domain.delivery.state import DeliveryState
from tests.fakes.fortnox.caller import Caller
from tests.integration.accounting.two_books import FORTNOX, JORTT, TENANT, TO_FORTNOX, TO_JORTT, TwoBooks

CUSTOMERS = (FlowObject.CUSTOMERS,)
ZOE = {
    "is_private": True,
    "customer_name": "Zoë van der Berg",
    "first_name": "Zoë",
    "last_name": "van der Berg",
    "email": "zoe@example.com",
}


def declare(books: TwoBooks, to_fortnox: Conflict, to_jortt: Conflict, **fields: Any) -> tuple[Flow, Flow]:
    """Flows of customers both ways; ``fields`` are the map of the one to Fortnox."""
    there = replace(TO_FORTNOX, objects=CUSTOMERS, conflicts=to_fortnox, field_map=fields)
    back = replace(TO_JORTT, objects=CUSTOMERS, conflicts=to_jortt)
    books.declare(there, back)
    return there, back


def settle(books: TwoBooks) -> None:
    """Rounds until nothing more is owed: a loop would never come to that."""
    for _ in range(6):
        before = len(books.deliveries())
        books.round()
        if len(books.deliveries()) == before:
            return
    raise AssertionError(f"it goes round and round: {[(each.integration, each.state) for each in books.deliveries()]}")


def change_at_jortt(books: TwoBooks, **fields: Any) -> None:
    """As a person does, to the only customer."""
    [record] = books.organisation.customers.values()
    record.fields |= fields


def change_at_fortnox(books: TwoBooks, **fields: Any) -> None:
    """As a person does, to the only customer."""
    [number] = books.tenant.customers
    with Caller(books.fortnox, TENANT) as person:
        person.put(f"customers/{number}", {"Customer": fields}).raise_for_status()


def cities(books: TwoBooks) -> tuple[list[str], list[str]]:
    """At jortt and at Fortnox."""
    there = [str(each["City"]) for each in books.tenant.customers.values()]
    return [str(each.fields["address_city"]) for each in books.organisation.customers.values()], there


def test_where_the_newest_counts_a_change_of_either_side_is_on_both(books: TwoBooks) -> None:
    """One after the other, here and there; and then nothing more is written."""
    declare(books, Conflict.NEWEST, Conflict.NEWEST)
    books.jortt.add_customer(books.organisation, **ZOE)
    settle(books)

    change_at_jortt(books, address_city="Haarlem")
    settle(books)
    assert cities(books) == (["Haarlem"], ["Haarlem"])
    change_at_fortnox(books, City="Leiden")
    settle(books)

    assert cities(books) == (["Leiden"], ["Leiden"])


def test_where_both_sides_changed_what_was_seen_last_is_on_both(books: TwoBooks) -> None:
    """The change that was seen first is not written any more, so the two do not swap what they have."""
    there, back = declare(books, Conflict.NEWEST, Conflict.NEWEST)
    books.jortt.add_customer(books.organisation, **ZOE)
    settle(books)
    change_at_jortt(books, address_city="Haarlem")
    change_at_fortnox(books, City="Leiden")

    books.run(there)
    books.run(back)
    settle(books)

    assert cities(books) == (["Leiden"], ["Leiden"])
    assert [each.integration for each in books.deliveries() if each.state == "skipped"] == [FORTNOX]


def test_what_both_had_before_the_first_round_is_left_alone_where_the_newest_counts(books: TwoBooks) -> None:
    """To see a customer for the first time is no change of it; the first change later is."""
    declare(books, Conflict.NEWEST, Conflict.NEWEST)
    books.jortt.add_customer(books.organisation, **ZOE, address_city="Utrecht")
    person = {"Name": "ZOË VAN DER BERG", "Type": "PRIVATE", "Email": "Zoe@Example.com", "City": "Zwolle", "CountryCode": "NL"}
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="9", **person)
    settle(books)
    assert cities(books) == (["Utrecht"], ["Zwolle"])

    change_at_fortnox(books, City="Leiden")
    settle(books)

    assert cities(books) == (["Leiden"], ["Leiden"])


def test_where_the_source_counts_it_does_whatever_the_target_says(books: TwoBooks) -> None:
    """A change at the target stays there until the source has one; it never comes back as news."""
    declare(books, Conflict.SOURCE, Conflict.TARGET)
    books.jortt.add_customer(books.organisation, **ZOE)
    settle(books)

    change_at_fortnox(books, City="Leiden")
    settle(books)
    assert cities(books) == (["Amsterdam"], ["Leiden"])
    change_at_jortt(books, address_city="Haarlem")
    settle(books)

    assert cities(books) == (["Haarlem"], ["Haarlem"])


@pytest.mark.parametrize("word", [Conflict.SOURCE, Conflict.NEWEST])
def test_a_map_that_changes_a_field_changes_it_once(books: TwoBooks, word: Conflict) -> None:
    """What comes back from the target is known as ours, whatever a map made of it."""
    city = {"billing_city": {"from": "order.billing_city", "functions": [{"prefix": "Stad "}]}}
    declare(books, word, Conflict.TARGET if word is Conflict.SOURCE else word, **city)
    books.jortt.add_customer(books.organisation, **ZOE)
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="7", Name="Jan Jansen", Type="PRIVATE", Email="jan@example.com", City="Delft")

    settle(books)

    here, there = cities(books)
    assert sorted(here) == ["Amsterdam", "Delft"]
    assert sorted(there) == ["Delft", "Stad Amsterdam"]


@pytest.mark.parametrize("changed", [{"email": "zoe.berg@example.com"}, {"customer_name": "Zoë Bergman", "last_name": "Bergman"}])
def test_a_customer_with_a_new_mailbox_or_name_is_still_the_same(books: TwoBooks, changed: dict[str, str]) -> None:
    """The flow knows to which record it was written: none is made beside it, and orders find it."""
    declare(books, Conflict.NEWEST, Conflict.NEWEST)
    books.jortt.add_customer(books.organisation, **ZOE)
    settle(books)

    change_at_jortt(books, **changed)
    settle(books)
    books.declare(TO_FORTNOX)
    [customer] = books.organisation.customers
    books.jortt.add_invoice(books.organisation, customer)
    books.round()

    [there] = books.tenant.customers.values()
    assert (there["Email"], there["Name"]) == (changed.get("email", "zoe@example.com"), changed.get("customer_name", "Zoë van der Berg"))
    assert [each["CustomerNumber"] for each in books.orders_there()] == [there["CustomerNumber"]]


def test_a_mailbox_for_invoices_is_not_what_a_customer_is_known_by(books: TwoBooks) -> None:
    """An order that comes back for the customer finds the one it came from."""
    books.declare(replace(TO_FORTNOX, objects=(FlowObject.ORDERS,)), replace(TO_JORTT, objects=CUSTOMERS))
    person = {"Name": "Jan Jansen", "Type": "PRIVATE", "Email": "jan@example.com", "EmailInvoice": "boeken@example.com"}
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="7", **person)
    books.round()
    [customer] = books.organisation.customers
    books.jortt.add_invoice(books.organisation, customer)

    books.round()

    assert list(books.tenant.customers) == ["7"]
    assert [each["CustomerNumber"] for each in books.orders_there()] == ["7"]


def test_an_answer_about_a_customer_that_was_lost_brings_nothing_back(books: TwoBooks) -> None:
    """On both sides: what was made without an answer is ours, before it is known to be."""
    declare(books, Conflict.NEWEST, Conflict.NEWEST)
    books.jortt.add_customer(books.organisation, **ZOE)
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="7", Name="Jan Jansen", Type="PRIVATE", Email="jan@example.com", City="Delft")
    books.jortt.faults.create_then_drop("POST /v3/customers")
    books.fortnox.faults.create_then_drop("/3/customers")

    for _ in range(5):
        books.round()
        books.hurry()

    assert len(books.organisation.customers) == len(books.tenant.customers) == 2
    assert {each.state for each in books.deliveries()} == {"delivered"}, [each.last_error for each in books.deliveries()]
    assert sorted(each.integration for each in books.deliveries()) == [JORTT, FORTNOX]


def test_two_who_share_a_mailbox_stay_two_and_neither_is_doubled(books: TwoBooks) -> None:
    """The second waits for a person, who says that they are two by adding the other one; then all comes over."""
    books.declare(replace(TO_FORTNOX, objects=(FlowObject.CUSTOMERS, FlowObject.ORDERS)), replace(TO_JORTT, objects=CUSTOMERS))
    for first, email in (("Ewa", "ek@example.com"), ("Bo", "Ek@Example.com")):
        person = {**ZOE, "customer_name": f"{first} Ek", "first_name": first, "last_name": "Ek", "email": email}
        books.jortt.add_invoice(books.organisation, books.jortt.add_customer(books.organisation, **person))
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="9", Name="EWA  ek", Type="PRIVATE", Email="EK@example.com")
    for _ in range(3):
        books.round()
    assert {(each.subject, each.state) for each in books.deliveries()} == {
        *(("customer", "delivered"), ("order", "delivered"), ("customer", "needs_human"), ("order", "needs_human"))
    }
    assert list(books.tenant.customers) == ["9"]

    books.fortnox.set_up(TENANT, "customers", CustomerNumber="10", Name="Bo Ek", Type="PRIVATE", Email="ek@example.com")
    retry(books)
    for _ in range(3):
        books.round()

    assert {each.state for each in books.deliveries()} == {"delivered"}
    assert sorted(books.tenant.customers) == ["10", "9"]
    assert len(books.organisation.customers) == 2
    assert sorted(each["CustomerNumber"] for each in books.orders_there()) == ["10", "9"]


def retry(books: TwoBooks) -> None:
    """As `deliveries retry` does, for all that wait for a person."""
    waiting = [each for each in books.deliveries() if each.state == "needs_human"]
    with books.units_of_work() as uow:
        for each in waiting:
            change = Change(each.delivery_id, DeliveryState.PENDING, "retry", due_at=books.clock.now())
            uow.deliveries.change(change, each.state, books.clock.now())
        uow.commit()

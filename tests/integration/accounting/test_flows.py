"""Orders between jortt and Fortnox, in both directions at once, with both fakes."""

from collections import Counter
from dataclasses import replace

from domain.companies.flow import Conflict, FlowObject
from tests.integration.accounting.two_books import TENANT, TO_FORTNOX, TO_JORTT, TwoBooks


def test_both_directions_at_once_bring_each_order_over_once(books: TwoBooks) -> None:
    """Over several rounds: what came over is no news on the other side."""
    invoice = books.add_jortt_invoice(reference="PO-1")
    order = books.add_fortnox_order()

    for _ in range(4):
        books.round()

    assert {delivery.state for delivery in books.deliveries()} == {"delivered"}, [each.last_error for each in books.deliveries()]
    assert books.decisions() == {f"in-{invoice}": "from_flow", f"out-{order}": "from_flow"}
    assert Counter(each["ExternalInvoiceReference1"] for each in books.orders_there()) == {"": 1, f"in-{invoice}": 1}
    assert Counter(each["reference"] for each in books.invoices_there()) == {"PO-1": 1, f"out-{order}": 1}
    assert len(books.tenant.customers) == len(books.organisation.customers) == 2


def test_customers_of_both_sides_are_on_both_sides_once(books: TwoBooks) -> None:
    """Over several rounds, in both directions: names and mailboxes written otherwise are the same, and what is there is left alone."""
    both = (FlowObject.CUSTOMERS, FlowObject.ORDERS)
    books.declare(replace(TO_FORTNOX, objects=both), replace(TO_JORTT, objects=both))
    books.add_jortt_invoice("Zoë van der Berg", "zoe@example.com")
    books.add_jortt_invoice("Piet Klaassen", "Piet @Example.com")
    books.add_fortnox_order()
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="8", Name="PIET  KLAASSEN", Type="PRIVATE", Email="piet@example.com")

    for _ in range(4):
        books.round()

    assert {delivery.state for delivery in books.deliveries()} == {"delivered"}, [each.last_error for each in books.deliveries()]
    names = ["jan jansen", "piet klaassen", "zoë van der berg"]
    assert sorted(" ".join(each["Name"].casefold().split()) for each in books.tenant.customers.values()) == names
    assert sorted(each.fields["customer_name"].casefold() for each in books.organisation.customers.values()) == names
    assert len(books.tenant.orders) == len(books.invoices_there()) == 3


def test_a_blank_in_a_mailbox_finds_the_customer_that_is_left_as_it_is(books: TwoBooks) -> None:
    """Fortnox's own filter would find nobody by it."""
    books.declare(replace(TO_FORTNOX, objects=(FlowObject.CUSTOMERS,)))
    person = {"is_private": True, "first_name": "Piet", "last_name": "Klaassen", "customer_name": "Piet Klaassen"}
    books.jortt.add_customer(books.organisation, email="piet @example.com", **person)
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="8", Name="Piet Klaassen", Type="PRIVATE", Email="piet@example.com")

    books.round()

    [delivery], [customer] = books.deliveries(), books.tenant.customers.values()
    assert (delivery.state, delivery.remote_id) == ("delivered", "8")
    assert not customer["City"]


def test_who_is_in_the_archive_or_not_active_stays_there(books: TwoBooks) -> None:
    """Until somebody takes them out again."""
    wanted = {"objects": (FlowObject.CUSTOMERS,)}
    books.declare(replace(TO_FORTNOX, **wanted), replace(TO_JORTT, **wanted))
    books.jortt.add_customer(
        books.organisation, is_private=True, customer_name="Zoë", first_name="Zoë", last_name="V", email="z@example.com"
    )
    [zoe] = books.organisation.customers.values()
    zoe.fields["archived"] = True
    books.fortnox.set_up(TENANT, "customers", CustomerNumber="8", Name="Bo Berg", Type="PRIVATE", Email="bo@example.com", Active=False)

    books.round()
    assert books.deliveries() == []

    zoe.fields["archived"] = False
    books.round()
    assert [each.state for each in books.deliveries()] == ["delivered"]


def test_a_change_of_a_customer_comes_over_where_the_newest_counts(books: TwoBooks) -> None:
    """And then stays: both sides say the same."""
    wanted = {"objects": (FlowObject.CUSTOMERS,), "conflicts": Conflict.NEWEST}
    books.declare(replace(TO_FORTNOX, **wanted), replace(TO_JORTT, **wanted))
    books.add_jortt_invoice()
    for _ in range(3):
        books.round()
    [there] = books.organisation.customers.values()
    there.fields["address_city"] = "Haarlem"

    for _ in range(3):
        books.round()

    assert [each["City"] for each in books.tenant.customers.values()] == ["Haarlem"]
    assert [each.fields["address_city"] for each in books.organisation.customers.values()] == ["Haarlem"]
    before = len(books.deliveries())
    books.round()
    assert len(books.deliveries()) == before


def test_an_answer_that_was_lost_brings_nothing_over_twice(books: TwoBooks) -> None:
    """Neither an order nor its customer; what was lost is looked for before anything is sent again."""
    books.add_jortt_invoice()
    order = books.add_fortnox_order()
    books.jortt.faults.create_then_drop("POST /v3/invoices")
    books.jortt.faults.create_then_drop("POST /v3/customers")

    for _ in range(6):
        books.round()
        books.hurry()

    assert {delivery.state for delivery in books.deliveries()} == {"delivered"}, [each.last_error for each in books.deliveries()]
    assert books.jortt.faults.left == 0, "a planned fault never happened"
    assert Counter(each["reference"] for each in books.invoices_there()) == {None: 1, f"out-{order}": 1}
    assert len(books.tenant.orders) == len(books.tenant.customers) == len(books.organisation.customers) == 2


def test_only_paid_invoices_come_over_where_that_is_wanted(books: TwoBooks) -> None:
    """One comes over as soon as it is paid."""
    flow = replace(TO_FORTNOX, statuses=("paid",))
    books.declare(flow)
    books.add_jortt_invoice()
    sent = books.add_jortt_invoice(sent=True)
    assert books.run(flow).left_out == 2

    books.jortt.pay(books.organisation, sent)

    assert [each.ref for each in books.run(flow).taken] == [f"in-{sent}"]


def test_an_order_becomes_an_invoice_where_the_target_takes_invoices(books: TwoBooks) -> None:
    """At Fortnox a draft of its own kind, once."""
    books.declare(TO_FORTNOX, TO_JORTT, document="invoice")
    invoice = books.add_jortt_invoice()
    order = books.add_fortnox_order()

    for _ in range(3):
        books.round()

    assert {delivery.state for delivery in books.deliveries()} == {"delivered"}, [each.last_error for each in books.deliveries()]
    assert [each["ExternalInvoiceReference1"] for each in books.tenant.invoices.values()] == [f"in-{invoice}"]
    assert [each["reference"] for each in books.invoices_there() if each["reference"]] == [f"out-{order}"]
    assert len(books.tenant.orders) == 1

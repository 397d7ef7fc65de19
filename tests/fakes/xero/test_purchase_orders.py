"""Purchase orders."""

from tests.fakes.xero.client import Client, refusals
from tests.fakes.xero.samples import line, purchase_order


def test_a_purchase_order_is_created_once_and_found_by_its_number(client: Client) -> None:
    """Unit prices always have four decimals."""
    order = purchase_order(client.organisation, LineItems=[line(1.2345, Quantity=2, AccountCode="429", TaxType="INPUT2")])

    client.created("PurchaseOrders", order)
    again = client.put("PurchaseOrders", order)
    found = client.get("/PurchaseOrders/ACME-PO-1").json()["PurchaseOrders"]

    assert refusals(again) == ["Purchase order # must be unique."]
    assert [(one["PurchaseOrderNumber"], one["LineItems"][0]["UnitAmount"], one["Total"]) for one in found] == [("ACME-PO-1", 1.2345, 2.96)]


def test_a_supplier_is_never_made_up(client: Client) -> None:
    """An order needs a contact that exists."""
    answer = client.put("PurchaseOrders", purchase_order(client.organisation, Contact={"Name": "Nobody yet"}))

    assert refusals(answer) == ["The contact could not be found. Contact must be valid."]
    assert [contact["Name"] for contact in client.organisation.contacts] == ["Thread Supplies"]


def test_a_quantity_needs_a_price(client: Client) -> None:
    """Of each line."""
    unpriced = {"Description": "Thread", "Quantity": 3}

    answer = client.put("PurchaseOrders", purchase_order(client.organisation, LineItems=[unpriced]))

    assert refusals(answer) == ["A line with a quantity needs a UnitAmount."]


def test_orders_are_marked_as_sent_when_they_are_approved(client: Client) -> None:
    """Not before; and a billed order does not change any more."""
    draft = client.put("PurchaseOrders", purchase_order(client.organisation, SentToContact=True))
    created = client.created("PurchaseOrders", purchase_order(client.organisation, Status="AUTHORISED", SentToContact=True))
    path = f"PurchaseOrders/{created['PurchaseOrderID']}"

    billed, deleted = client.post(path, {"Status": "BILLED"}), client.post(path, {"Status": "DELETED"})

    assert refusals(draft) == ["Purchase order cannot be marked as sent unless it is approved."]
    assert billed.status_code == 200
    assert refusals(deleted) == ["Purchase order not of valid status for modification"]


def test_orders_are_listed_by_status_and_day(client: Client) -> None:
    """There is no other filter."""
    organisation = client.organisation
    client.put(
        "PurchaseOrders", purchase_order(organisation), purchase_order(organisation, "ACME-PO-2", Date="2026-11-25", Status="SUBMITTED")
    )

    by_status = client.get("/PurchaseOrders", Status="SUBMITTED").json()["PurchaseOrders"]
    by_day = client.get("/PurchaseOrders", DateFrom="2026-11-20", DateTo="2026-11-24").json()["PurchaseOrders"]

    assert [[one["PurchaseOrderNumber"] for one in found] for found in (by_status, by_day)] == [["ACME-PO-2"], ["ACME-PO-1"]]

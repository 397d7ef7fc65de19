"""Two systems that number their orders alike, billed together: each order goes its own way; on SQLite and PostgreSQL."""

import json
from dataclasses import dataclass, replace

import pytest

from application.ports.documents import DocumentFilter
from application.ports.order_translator import OrderTranslator
from application.ports.quarantine import IncomingMessage
from application.queries.explain_order import ExplainOrderHandler
from application.queries.trace import TraceHandler
from application.use_cases.accept_messages import AcceptMessages
from application.use_cases.credit_invoice import CreditInvoice
from domain.errors import Conflict, NotFound
from domain.orders.order import Order
from tests.integration.use_cases.house import House, a_message


@dataclass(frozen=True)
class ShopTranslator:
    """Reads the same messages, from another system."""

    inner: OrderTranslator
    source: str = "shop"

    def split(self, body: bytes) -> list[bytes]:
        return list(self.inner.split(body))

    def translate(self, body: bytes) -> Order:
        return replace(self.inner.translate(body), source=self.source)


@pytest.fixture
def both(house: House) -> House:
    """INV-000001 has order 1 of the OMS, order 1 of the shop, at 2.00 a piece, and order 2 of the OMS."""
    house.translators.by_type["shop"] = ShopTranslator(house.translators.default)  # type: ignore[index]
    house.feed(a_message("1"), a_message("2"))
    item = {"ref": "1-1", "sku": "MUG", "quantity": 1, "unit_cost_price": "2.00", "tax_code": "standard"}
    order = json.dumps(a_message("1", items=[item], shipping_price=0)).encode()
    house.accept_messages(AcceptMessages([IncomingMessage(order, type="shop")]))
    house.run()
    return house


def credit(house: House, ref: str) -> str:
    return str(house.credit_invoice(CreditInvoice("INV-000001", "returned", "ann", order_refs=(ref,))).credit_note.issued.draft.totals.net)


def test_an_order_whose_ref_two_systems_use_is_credited_by_its_system(both: House) -> None:
    """By its ref alone it is refused, with both names; the other one stays where it is."""
    with pytest.raises(Conflict, match="Several systems have an order '1' on invoice INV-000001") as refusal:
        credit(both, "1")

    assert refusal.value.next_step == "Name one of: oms:1, shop:1"
    assert credit(both, "shop:1") == "2.00"
    with both.units_of_work() as uow:
        assert {stored.source: stored.invoice_number for stored in uow.orders.find("1")} == {"oms": "INV-000001", "shop": ""}
    [invoice] = both.invoices()
    assert (sorted(invoice.orders), invoice.state) == (["2", "oms:1", "shop:1"], "partly_credited")
    assert both.problems() == []


def test_an_order_that_is_alone_with_its_ref_goes_by_either_name(both: House) -> None:
    """Of its own system; another one's order of that ref is not on the invoice."""
    with pytest.raises(NotFound):
        credit(both, "shop:2")

    assert credit(both, "oms:2") == "16.00"


def test_each_order_is_found_traced_and_explained_by_itself(both: House) -> None:
    """The invoice and the credit note of the one do not show at the other."""
    credit(both, "shop:1")
    trace = TraceHandler(both.units_of_work, both.clock)
    with both.units_of_work() as uow:
        listed = {ref: len(uow.documents.list(DocumentFilter(type=None, order_ref=ref), 0, 10)) for ref in ("1", "shop:1", "oms:1", "2")}
        [of_shop] = [stored for stored in uow.orders.find("1") if stored.source == "shop"]
        documents = [found.type for found in uow.documents.of_orders([of_shop.order_id])]

    assert listed == {"1": 2, "shop:1": 2, "oms:1": 1, "2": 1}
    assert documents == ["invoice", "credit_note"]
    assert [event.subject for event in trace("2") if event.event == "issued"] == ["invoice INV-000001"]
    assert [event.subject for event in trace("oms:1") if event.event == "issued"] == ["invoice INV-000001"]
    assert [event.subject for event in trace("shop:1") if event.event == "issued"] == ["invoice INV-000001", "credit_note CN-000001"]
    assert ExplainOrderHandler(both.units_of_work, both.translators)("oms:1").difference == {}


def test_an_invoice_is_traced_to_its_own_order_alone(house: House) -> None:
    """Another system has an order of the same ref, which is on no invoice."""
    house.feed(a_message("1"))
    house.run()
    house.translators.by_type["shop"] = ShopTranslator(house.translators.default)  # type: ignore[index]
    house.accept_messages(AcceptMessages([IncomingMessage(json.dumps(a_message("1")).encode(), type="shop")]))

    events = TraceHandler(house.units_of_work, house.clock)("INV-000001")

    assert [event.event for event in events if event.subject == "order 1"] == ["accepted", "invoiced"]

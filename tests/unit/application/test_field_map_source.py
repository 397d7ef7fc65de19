from datetime import date
from decimal import Decimal

from application.field_map_source import source_of
from domain.mapping.field_map import parse_field_map
from tests.factories import an_issued, an_item_message, an_order, an_order_document


def test_an_order_is_read_with_its_message_and_its_prices() -> None:
    """Public names under ``order``, priced lines with the item they come from, taxes and totals."""
    document = an_order_document(items=[an_item_message(colour="black")], odd_field="kept")
    field_map = parse_field_map(
        {
            "odd": "order.odd_field",
            "rows[].colour": "lines[].item.colour",
            "rows[].ref": "lines[].ref",
            "rows[].net": "lines[].net",
            "shipping": "shipping.net",
            "taxes[]": "taxes[].tax",
            "total": "totals.total",
        }
    )

    assert field_map.apply(source_of(document)) == {
        "odd": "kept",
        "rows": [{"colour": "black", "ref": "90001-1", "net": Decimal("12.50")}],
        "shipping": Decimal("3.50"),
        "taxes": [Decimal("3.20")],
        "total": Decimal("19.20"),
    }


def test_items_that_do_not_match_the_lines_are_not_guessed() -> None:
    """The prices are there all the same."""
    lines = source_of(an_order_document(items=[]))["lines"]

    assert [(line["sku"], line["item"]) for line in lines] == [("TEE-BLK-M", {})]


def test_without_shipping_its_fields_are_empty() -> None:
    """And so left out of a result."""
    assert source_of(an_order_document(an_order(shipping_price=Decimal(0))))["shipping"] == {}


def test_an_invoice_is_read_with_its_parties_and_lines() -> None:
    """Shipping is a line that says so."""
    field_map = parse_field_map(
        {
            "number": "invoice.number",
            "issued": "invoice.issued_on",
            "iban": "seller.bank.iban",
            "city": "buyer.address.city",
            "orders[]": "orders[].external_ref",
            "rows[]": {"each": "lines[]", "when": {"path": "lines[].is_shipping", "equals": False}},
            "rows[].sku": "lines[].sku",
        }
    )

    assert field_map.apply(source_of(an_issued())) == {
        "number": "INV-000001",
        "issued": date(2026, 11, 21),
        "iban": "GB33BUKB20201555555555",
        "city": "London",
        "orders": ["WEB-1001"],
        "rows": [{"sku": "TEE-BLK-M"}],
    }

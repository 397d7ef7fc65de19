from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from application.field_map_source import INVOICE_ROOTS, invoice_source_of, source_of
from application.ports.destination import LaneContext
from domain.companies.plan import BillTo
from domain.invoicing.totals import total_lines
from domain.mapping.field_map import parse_field_map
from tests.factories import (
    a_company,
    a_draft,
    a_party,
    a_plan,
    an_admin_company,
    an_integration,
    an_invoice_line,
    an_issued,
    an_item_message,
    an_order,
    an_order_document,
)


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


def test_an_order_that_becomes_an_invoice_is_read_as_one() -> None:
    """A flow brings it; no number of ours is on it, and no day."""
    order = an_order(dispatched_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    lane = LaneContext(an_integration(), a_company(plan=a_plan(timezone="Europe/Stockholm")), an_admin_company(), {})

    source = invoice_source_of(an_order_document(order), lane)

    assert set(source) == INVOICE_ROOTS
    assert (source["invoice"]["number"], source["invoice"]["type"], "issued_on" in source["invoice"]) == (order.ref, "invoice", False)
    assert (source["seller"]["name"], source["buyer"]["name"]) == (lane.seller.name, lane.company.name)
    assert source["orders"] == [{"ref": order.ref, "external_ref": order.external_ref, "dispatched_on": "2026-11-21"}]
    assert [line["is_shipping"] for line in source["lines"]] == [False, True]


def test_whom_the_plan_bills_is_the_buyer_of_an_order_that_becomes_an_invoice() -> None:
    """The customer, or the company itself."""
    company = a_company(plan=a_plan(bill_to=BillTo.CUSTOMER))
    lane = LaneContext(an_integration(), company, an_admin_company(), {})
    order = an_order(billing=a_party(name="Zoë Ångström"))

    assert invoice_source_of(an_order_document(order), lane)["buyer"]["name"] == "Zoë Ångström"


def test_a_rate_is_written_in_one_way() -> None:
    """Whether it came as 0.2, as 0.20 or as 0.00."""
    lines = tuple(an_invoice_line(rate=rate) for rate in ("0.2", "0.20", "0.055", "0.00"))
    draft = a_draft(lines=lines, totals=total_lines(lines, "GBP"))

    source = source_of(replace(an_issued(), draft=draft))

    assert [str(line["tax_rate"]) for line in source["lines"]] == ["0.2", "0.2", "0.055", "0"]
    assert {str(tax["rate"]) for tax in source["taxes"]} == {"0.2", "0.055", "0"}


def test_an_invoice_is_read_in_one_way() -> None:
    """Whether or not orders become invoices there."""
    lane = LaneContext(an_integration(), a_company(), an_admin_company(), {})

    assert invoice_source_of(an_issued(), lane) == source_of(an_issued())

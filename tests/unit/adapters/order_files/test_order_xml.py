import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.order_files.order_fields import ITEM_FIELDS, ORDER_FIELDS
from adapters.order_files.order_xml import write_order_xml
from adapters.order_files.xml_document import SCHEMAS, legal, validate
from domain.errors import Invalid
from tests.factories import (
    an_item_message,
    an_order,
    an_order_document,
    an_order_line,
)

HOSTILE_TEXTS = (
    "]]>",
    "a\x00b",
    "\ud800",
    "\ufffe\uffff",
    "</ref><ref>",
    "&amp;&lt;&#0;",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "<!-- -->",
    "\x1b[31m",
    "tab\tline\nreturn\rend",
    "\U0001f9fe 漢字 עברית",
    "x" * 100_000,
)
XS = "{http://www.w3.org/2001/XMLSchema}"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
items = st.fixed_dictionaries({}, optional=dict.fromkeys([*ITEM_FIELDS, "id", "attributes", "assets"], json_values))
messages = st.fixed_dictionaries(
    {}, optional=dict.fromkeys([*ORDER_FIELDS, "id"], json_values) | {"items": st.lists(items, max_size=3) | json_values}
)


def read(document: bytes) -> Any:
    """The order element."""
    return etree.fromstring(document).find("order")


def names(element: Any) -> list[str]:
    return [child.tag for child in element]


def test_the_file_has_the_skeleton_of_the_seed_system_first() -> None:
    """Facts: seed-systems 1.4."""
    order = read(write_order_xml(an_order_document(shipping_country="United Kingdom")))

    assert names(order)[:8] == [
        "id",
        "company_ref_id",
        "ref",
        "shipping_address_1",
        "shipping_postcode",
        "shipping_country",
        "shipping_country_code",
        "billing_address_1",
    ]
    assert names(order)[-2:] == ["items", "pricing"]
    assert order.findtext("id") == "90001"
    assert order.findtext("customer_name") == "Zoë Ångström"
    assert order.findtext("items/item/sku") == "TEE-BLK-M"


def test_an_empty_value_is_an_empty_element_and_an_absent_one_is_none() -> None:
    """Null, the empty text and the zero date are empty."""
    order = read(write_order_xml(an_order_document(billing_company=None, sale_datetime="0000-00-00 00:00:00")))

    assert order.find("billing_company").text is None
    assert order.find("sale_datetime").text is None
    assert order.find("coupon_code") is None


def test_the_tail_has_prices_tax_and_totals() -> None:
    """The default order: 12.50 and 3.50 shipping, 20 %."""
    pricing = read(write_order_xml(an_order_document())).find("pricing")

    assert pricing.findtext("currency_code") == "GBP"
    assert {child.tag: child.text for child in pricing.find("lines/line")} == {
        "item_ref": "90001-1",
        "sku": "TEE-BLK-M",
        "description": "T-shirt, black, M",
        "quantity": "2",
        "unit_price": "6.25",
        "net": "12.50",
        "tax_category": "S",
        "tax_rate": "0.2",
        "nominal_code": "4000",
    }
    assert pricing.findtext("shipping/net") == "3.50"
    assert [child.text for child in pricing.find("taxes/tax")] == ["S", "0.2", "16.00", "3.20", None]
    assert [child.text for child in pricing.find("totals")] == ["16.00", "3.20", "19.20"]


def test_without_shipping_there_is_no_shipping_element() -> None:
    """An item whose SKU is SHIPPING stays an item."""
    order = an_order(shipping_price=Decimal(0), lines=(an_order_line(sku="SHIPPING"),))

    pricing = read(write_order_xml(an_order_document(order))).find("pricing")

    assert pricing.find("shipping") is None
    assert pricing.findtext("lines/line/sku") == "SHIPPING"


def test_attributes_and_assets_are_written_in_both_shapes() -> None:
    """An object, and a list of objects with name and value."""
    asset = {"name": "front", "url": "https://files.example/1.png", "description": None}
    as_object = an_item_message(attributes={"colour": "black", "count": 2}, assets=[asset])
    as_list = an_item_message(attributes=[{"name": "colour", "value": "black"}, "noise"], assets={})

    first, second = read(write_order_xml(an_order_document(items=[as_object, as_list]))).iter("item")

    assert [[child.text for child in attribute] for attribute in first.find("attributes")] == [["colour", "black"], ["count", "2"]]
    assert [[child.text for child in attribute] for attribute in second.find("attributes")] == [["colour", "black"]]
    assert [child.text for child in first.find("assets/asset")] == ["front", "https://files.example/1.png", None]
    assert len(second.find("assets")) == 0


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text[:20]))
def test_a_hostile_text_is_text(text: str) -> None:
    """What XML can hold comes back as it was; the rest is left out; nothing becomes markup."""
    document = write_order_xml(an_order_document(customer_name=text, items=[an_item_message(attributes={text: text})]))

    order = read(document)

    assert (order.findtext("customer_name") or "") == legal(text)
    assert (order.findtext("items/item/attributes/attribute/name") or "") == legal(text)


def test_legal_leaves_only_what_xml_can_hold() -> None:
    """Every character is tried: it either round-trips or is left out."""
    text = "".join(map(chr, range(0x11000)))

    kept = legal(text)

    element = etree.Element("x")
    element.text = kept
    assert etree.fromstring(etree.tostring(element)).text == kept
    assert set(text) - set(kept) == {*map(chr, range(0x20)), *map(chr, range(0xD800, 0xE000)), "\ufffe", "\uffff"} - set("\t\n\r")


def test_the_same_order_gives_the_same_bytes() -> None:
    """A file that is there already and equal counts as delivered."""
    assert write_order_xml(an_order_document()) == write_order_xml(an_order_document())
    assert write_order_xml(an_order_document()).startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<orders>\n")


def test_an_order_of_ten_thousand_lines_is_written() -> None:
    """With the price of each."""
    lines = tuple(an_order_line(ref=str(number)) for number in range(10_000))
    messages_of_items = [an_item_message(ref=str(number)) for number in range(10_000)]

    order = read(write_order_xml(an_order_document(an_order(lines=lines), items=messages_of_items)))

    assert len(order.find("items")) == len(order.find("pricing/lines")) == 10_000
    assert order.findtext("pricing/totals/net") == "125003.50"


def test_the_longest_numbers_keep_to_the_schema() -> None:
    """Quantities and prices of many digits are decimals, never exponents."""
    line = an_order_line(quantity=Decimal("1E+9"), unit_cost_price=Decimal("0.000000000001"))

    order = read(write_order_xml(an_order_document(an_order(lines=(line,)))))

    assert order.findtext("pricing/lines/line/quantity") == "1000000000"
    assert order.findtext("pricing/lines/line/unit_price") == "0.000000000001"


@settings(max_examples=60, deadline=None)
@given(messages)
def test_every_message_gives_a_valid_file_with_its_values(message: dict[str, Any]) -> None:
    """Whatever the public fields hold; validity is checked on the way out."""
    document = replace(an_order_document(), fields=message)

    order = read(write_order_xml(document))

    assert order.findtext("ref") == "90001"
    for name in set(ORDER_FIELDS) - {"ref"} & set(message):
        if isinstance(message.get(name), str) and not message[name].startswith("0000-00-00"):
            assert (order.findtext(name) or "") == legal(message[name])


def test_the_schema_names_the_public_fields() -> None:
    """A field that is added to the code is added to the schema too, in its place."""
    schema = etree.parse(SCHEMAS["orders"])

    def fields_of(complex_type: str) -> list[str]:
        return [element.get("name") for element in schema.find(f"{XS}complexType[@name='{complex_type}']/{XS}sequence")]

    assert fields_of("order") == ["id", *ORDER_FIELDS, "items", "pricing"]
    assert fields_of("item") == ["id", *ITEM_FIELDS, "attributes", "assets"]


def test_every_part_of_the_schema_is_used() -> None:
    """A valid file without its totals is refused: the check does look."""
    document = re.sub(rb"<totals>.*</totals>", b"", write_order_xml(an_order_document()), flags=re.DOTALL)

    with pytest.raises(Invalid, match="totals"):
        validate(document)

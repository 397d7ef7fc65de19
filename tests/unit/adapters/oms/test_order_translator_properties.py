"""Laws of the translator: whatever arrives, it ends in an order or in Invalid; and what was meant is what is read."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.oms.message import ItemMessage, OrderMessage
from adapters.oms.order_translator import KornitOrderTranslator
from adapters.vat_register.vat_register import ChecksumVatRegister
from domain.errors import Invalid
from domain.invoicing.content import canonical_json
from domain.money import round_money
from domain.orders.fingerprint import billing_fingerprint
from domain.orders.order import Order
from tests.factories import an_item_message, an_order_message

TRANSLATOR = KornitOrderTranslator(ChecksumVatRegister())

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
field_values = json_values | st.sampled_from(["0000-00-00", "1e400", "NaN", "-1", "20", "2026-11-01", "256", "\x00", "9" * 70, 10**30])
messages = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(OrderMessage.__struct_fields__, field_values)
    | {"items": st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(ItemMessage.__struct_fields__, field_values)), max_size=3)},
)


def read_all(body: bytes) -> list[Order]:
    """All orders of a body that can be read; anything but Invalid fails the test."""
    orders: list[Order] = []
    with suppress(Invalid):
        for part in TRANSLATOR.split(body):
            with suppress(Invalid):
                orders.append(TRANSLATOR.translate(part))
    return orders


def read_or_refusal(body: bytes) -> Order | Invalid:
    """The order in a body, or why it is none."""
    try:
        return TRANSLATOR.translate(body)
    except Invalid as refused:
        return refused


def assert_storable(order: Order) -> None:
    """Nothing in the order can break a database, a hash or a document later."""
    canonical_json({"ref": order.ref, "name": order.billing.name, "lines": [line.description for line in order.lines]}).encode()
    billing_fingerprint(order)
    assert "\x00" not in repr(order)
    assert order.ref
    assert order.company_ref
    for line in order.lines:
        assert line.quantity > 0
        round_money(line.quantity * (line.unit_cost_price or Decimal(0)), "KWD")


@given(st.binary(max_size=200))
@example(b'{"ref":"\xf0\x28\x8c\x28"}')
def test_any_bytes_end_in_orders_or_in_invalid(body: bytes) -> None:
    """A worker never dies of a message."""
    read_all(body)


@given(json_values)
def test_any_json_ends_in_orders_or_in_invalid(value: Any) -> None:
    """Also where it is JSON of quite another kind."""
    read_all(msgspec.json.encode(value))


@given(messages)
def test_any_values_in_the_known_fields_end_in_a_storable_order_or_in_invalid(changes: dict[str, Any]) -> None:
    """Each field may hold anything."""
    for order in read_all(msgspec.json.encode(an_order_message() | changes)):
        assert_storable(order)


@given(st.sampled_from(sorted(OrderMessage.__struct_fields__)), field_values)
def test_one_wrong_field_is_refused_by_its_name(name: str, value: Any) -> None:
    """The path begins with the field that is wrong."""
    body = msgspec.json.encode(an_order_message() | {name: value})

    outcome = read_or_refusal(body)

    if isinstance(outcome, Invalid):
        assert outcome.path.partition("[")[0] == name
    else:
        assert_storable(outcome)


decimals = st.decimals(min_value=0, max_value=Decimal(999_999), places=4, allow_nan=False)
times = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001
names = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30)


@given(
    ref=st.integers(min_value=1, max_value=10**12),
    created=times,
    price=decimals,
    quantity=st.integers(min_value=1, max_value=999_999),
    rate=st.decimals(min_value=0, max_value=Decimal("0.9999"), places=4),
    name=names,
    version=st.none() | st.integers(min_value=0, max_value=2**63 - 1),
    as_text=st.booleans(),
)
def test_what_was_meant_is_what_is_read(
    ref: int, created: datetime, price: Decimal, quantity: int, rate: Decimal, name: str, version: int | None, as_text: bool
) -> None:
    """Whether ids and numbers come as texts or as JSON numbers."""
    write = str if as_text else lambda value: value
    number = str if as_text else lambda value: msgspec.Raw(str(value).encode())
    item = an_item_message(quantity=write(quantity), unit_cost_price=number(price), sale_vat_rate=number(rate))
    body = msgspec.json.encode(
        an_order_message(
            ref=write(ref), creation_datetime=f"{created:%Y-%m-%d %H:%M:%S}", version=version, billing_customer_name=name, items=[item]
        )
    )

    order = TRANSLATOR.translate(body)

    assert (order.ref, order.version, order.billing.name) == (str(ref), version, name)
    assert order.created_at == created.replace(tzinfo=UTC)
    assert (order.lines[0].quantity, order.lines[0].unit_cost_price, order.lines[0].sale_vat_rate) == (quantity, price, rate)

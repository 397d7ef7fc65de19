"""What may arrive as the body of a message, and what is refused before it is read."""

import time

import pytest

from adapters.oms.json_body import BODY_SIZE_MAX, DEPTH_MAX, split_body
from adapters.oms.order_translator import KornitOrderTranslator
from adapters.vat_register.vat_register import ChecksumVatRegister
from domain.errors import Invalid
from tests.factories import an_item_message, an_order_body


def refusal(body: bytes) -> str:
    """Split a body that must be refused; the reason."""
    with pytest.raises(Invalid) as caught:
        split_body(body)
    return caught.value.text


def nested(depth: int) -> bytes:
    """An order so many levels deep, its own braces counted."""
    return b'{"ref": 1, "more": [[], {}], "extra": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_one_object_is_one_order_with_its_own_bytes() -> None:
    """Spaces inside are kept: the body is evidence."""
    assert split_body(b' \n{"ref":  1}\r\n') == [b'{"ref":  1}']


def test_an_array_is_split_into_the_bytes_of_its_orders() -> None:
    """In their order."""
    assert split_body(b'[{"ref": 1},\n {"ref": "2" }]') == [b'{"ref": 1}', b'{"ref": "2" }']


def test_a_byte_order_mark_is_left_out() -> None:
    """Files from Windows begin with one."""
    assert split_body(b'\xef\xbb\xbf{"ref": 1}') == [b'{"ref": 1}']


def test_an_element_that_is_no_order_is_left_to_its_own_refusal() -> None:
    """The other orders of the array flow on."""
    translator = KornitOrderTranslator(ChecksumVatRegister())

    good, bad = translator.split(b"[" + an_order_body() + b", 5]")

    assert translator.translate(good).ref == "90001"
    with pytest.raises(Invalid):
        translator.translate(bad)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"<order/>", "not JSON"),
        (b'{"ref": 1} {"ref": 2}', "not JSON"),
        (b'{"ref": tru}', "not JSON"),
        (b'[{"ref": 1},]', "not JSON"),
        (b'{"name": "\\ud800"}', "not JSON"),
        (b'{"name": "\\ud800 and more"}', "not JSON"),
        (b'{"name": "\\udc00\\ud800"}', "not JSON"),
        (b'{"name": "\xff"}', "not UTF-8"),
        (b'{"name": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"name": "Zo\xeb"}', "not UTF-8"),
        ('{"ref": 1}'.encode("utf-16"), "not UTF-8"),
        (b"5", "must be an order"),
        (b'"text"', "must be an order"),
        (b"null", "must be an order"),
        (b"[]", "holds no orders"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    """Half a surrogate pair counts: no database could store it."""
    assert reason in refusal(body)


def test_the_size_is_limited() -> None:
    """At the limit a message passes, a byte above it does not."""
    fits = b'{"ref": "' + b"9" * (BODY_SIZE_MAX - 11) + b'"}'

    assert split_body(fits) == [fits]
    words = "The message has 1,048,577 bytes, over the limit of 1 MiB: its publisher must send it in smaller parts."
    assert refusal(fits + b" ") == words


def test_the_size_limit_is_a_setting() -> None:
    """Of the translator's constructor."""
    translator = KornitOrderTranslator(ChecksumVatRegister(), body_size_max=100)

    with pytest.raises(Invalid, match="over the limit of 100 bytes"):
        translator.split(an_order_body())


def test_the_depth_is_limited() -> None:
    """At the limit a message passes, a level deeper it does not."""
    assert split_body(nested(DEPTH_MAX)) == [nested(DEPTH_MAX)]
    assert refusal(nested(DEPTH_MAX + 1)) == f"The message is nested deeper than {DEPTH_MAX} levels."


def test_brackets_in_texts_and_many_items_are_no_depth() -> None:
    """Only brackets inside brackets are."""
    items = [an_item_message(description='a "quoted" \\ [[[[ {{{{ text', sku=str(number)) for number in range(100)]
    body = an_order_body(items=items, additional_info="[" * 100)

    assert split_body(body) == [body]


def test_texts_cannot_hide_the_depth() -> None:
    """Closing brackets in texts do not count against opening ones."""
    body = b'{"extra": ' + b'["]",' * 40 + b"1" + b"]" * 40 + b"}"

    assert "deeper" in refusal(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * BODY_SIZE_MAX,
        b'{"a":' * (BODY_SIZE_MAX // 5),
        b'{"ref": ' + b"9" * 1_000_000 + b"}",
        b'{"ref": 1, "company_ref_id": 1, "version": ' + b"9" * 1_000_000 + b"}",
        b'{"ref": 1, "company_ref_id": 1, "shipping_price": ' + b"9" * 4300 + b"}",
        b'{"ref": 1, "company_ref_id": 1, "shipping_price": ' + b"9" * 4301 + b"}",
        b'{"ref": 1, "company_ref_id": 1, "shipping_price": 0.' + b"9" * 1_000_000 + b"}",
        b'{"ref": 1, "company_ref_id": 1, "shipping_price": "' + b"9" * 1_000_000 + b'"}',
        b'{"ref": 1, "company_ref_id": 1, "has_error": ' + b"9" * 4000 + b"}",
        b'{"ref": 1, "company_ref_id": 1, "status": "' + b"9" * 1_000_000 + b'"}',
        b'{"ref": 1, "company_ref_id": 1, "items": [' + b"{}," * 300_000 + b"{}]}",
        b'{"ref": 1, "company_ref_id": 1, "creation_datetime": "' + b"9" * 1_000_000 + b'"}',
        b'{"' + b"\\" * 900_001,
    ],
    ids=lambda body: body[:48].decode(),
)
def test_a_hostile_body_is_refused_quickly_and_in_a_short_sentence(body: bytes) -> None:
    """No recursion, no quadratic time, and nothing of its size in the message for people."""
    translator = KornitOrderTranslator(ChecksumVatRegister())
    started_at = time.process_time()

    with pytest.raises(Invalid) as caught:
        list(map(translator.translate, translator.split(body)))

    assert time.process_time() - started_at < 2
    assert len(caught.value.text) < 300

"""The messages of `billhook demo`, and what must become of each order: one for every rule, and some that cannot be read."""

from collections.abc import Iterator, Mapping
from typing import Any

from application.ports.quarantine import IncomingMessage
from domain.invoicing.decision import Decision
from entrypoints.demo.message import NO_PRICE, Json, body, item, order

_Sample = tuple[Decision, Json]

_ON_HOLD = {"status": 256, "status_name": "On Hold", "dispatch_datetime": "0000-00-00 00:00:00"}
_IN_PRODUCTION = {"status": 4, "status_name": "In Production", "dispatch_datetime": None}
_SEK = {"currency_code": "SEK", "shipping_price": "49.00", "shipping_tax_rate": None, "shipping_carrier": "PostNord"}
_EUR = {**_SEK, "currency_code": "EUR", "shipping_price": "6.90"}


def _northern_gifts(ref: int, customer: str, /, *items: Json, **changes: Any) -> Json:
    return order(str(ref), "501", customer, *items, **changes)


def _photo_gifts(ref: int, customer: str, /, *items: Json, **changes: Any) -> Json:
    return order(str(ref), "501", customer, *items, **{"secondary_company_ref_id": 777, **changes})


def _fjallfoto(ref: int, customer: str, /, *items: Json, **changes: Any) -> Json:
    return order(str(ref), "901", customer, *items, **{**_SEK, **changes})


_RETAILER: tuple[_Sample, ...] = (
    (Decision.DUE, _northern_gifts(50001, "zoe", item("TEE-BLK-M", 2))),
    (Decision.DUE, _northern_gifts(50002, "siobhan", item("MUG-11OZ"), item("CANVAS-40"))),
    (Decision.DUE, _northern_gifts(50003, "wang", item("PUZZLE-500", 3))),
    (Decision.DUE, _northern_gifts(50004, "bjork", item("HOODIE-GRY-L"), shipping_price="0.00")),
    # Prices from the list, with its quantity breaks and dates.
    (Decision.DUE, _northern_gifts(50005, "zoe", item("MUG-11OZ", 6, **NO_PRICE))),
    (Decision.DUE, _northern_gifts(50006, "zoe", item("MUG-11OZ", 24, **NO_PRICE))),
    (Decision.DUE, _northern_gifts(50007, "wang", item("MUG-11OZ", 144, **NO_PRICE))),
    (Decision.DUE, _northern_gifts(50008, "siobhan", item("CAL-2026", 2, **NO_PRICE))),
    (Decision.DUE, _northern_gifts(50009, "siobhan", item("CAL-2026", 2, **NO_PRICE), creation_datetime="2026-10-30 18:00:00")),
    # Zero-rated and exempt lines beside standard ones.
    (Decision.DUE, _northern_gifts(50010, "bjork", item("BOOK-A4", 1, tax_code="zero"), item("MUG-11OZ"))),
    (
        Decision.DUE,
        _northern_gifts(50011, "bjork", item("GIFT-CARD", 1, description="Gift card", unit_cost_price="25.00", tax_code="exempt")),
    ),
    # Numbers as JSON numbers, ids as texts, a country by its name, no currency of its own.
    (
        Decision.DUE,
        _northern_gifts(
            50012,
            "zoe",
            item("TEE-BLK-M", 1, unit_cost_price=6.25, sale_vat_rate=0.2, tax_code=None),
            id="50012",
            company_ref_id="501",
            currency_code=None,
            shipping_price=3.5,
            billing_country_code=None,
            billing_country="United Kingdom",
        ),
    ),
    # The whole dispatched family, and a status after it.
    (Decision.DUE, _northern_gifts(50013, "wang", item("TEE-BLK-M"), status=64, status_name="Dispatched (Retailer Notified)")),
    (Decision.DUE, _northern_gifts(50014, "zoe", item("TEE-BLK-M"), status=516, status_name="Received by Shipper", dispatch_datetime=None)),
    (Decision.DUE, _northern_gifts(50015, "zoe", item("TEE-BLK-M"), status=None, status_name="Delivered", dispatch_datetime=None)),
    (Decision.DUE, _northern_gifts(50016, "zoe", item("TEE-BLK-M"), status=None, status_name="Archived")),
    # What is not invoiced.
    (Decision.ON_HOLD, _northern_gifts(50017, "wang", item("HOODIE-GRY-L"), **_ON_HOLD)),
    (Decision.ON_HOLD, _northern_gifts(50018, "zoe", item("CANVAS-40"), status=None, status_name="On Hold (Supplier)")),
    (Decision.HAS_ERROR, _northern_gifts(50019, "zoe", item("CANVAS-40"), has_error=True, error_message="Artwork below 150 dpi")),
    (Decision.CANCELLED, _northern_gifts(50020, "zoe", item("TEE-BLK-M"), status=128, status_name="Cancelled", dispatch_datetime=None)),
    (Decision.CANCELLED, _northern_gifts(50021, "siobhan", item("TEE-BLK-M"), status=None, status_name="Refunded")),
    (Decision.CANCELLED, _northern_gifts(50022, "siobhan", item("TEE-BLK-M"), status=None, status_name="Returned")),
    (Decision.STATUS_NOT_BILLABLE, _northern_gifts(50023, "wang", item("PUZZLE-500"), **_IN_PRODUCTION)),
    (Decision.FREE_OF_CHARGE, _northern_gifts(50024, "bjork", item("MUG-11OZ"), is_free_of_charge=1)),
    (Decision.BEFORE_START, _northern_gifts(50025, "zoe", item("TEE-BLK-M"), creation_datetime="2026-09-30 22:59:59")),
    (Decision.PRICE_MISSING, _northern_gifts(50026, "zoe", item("SOCKS-42", 2))),
    (Decision.PRICE_MISSING, _northern_gifts(50027, "zoe")),
    (Decision.TAX_MISSING, _northern_gifts(50028, "bjork", item("HOODIE-GRY-L", 1, tax_code="reduced"))),
    (Decision.CURRENCY_MISSING, _northern_gifts(50029, "bjork", item("HOODIE-GRY-L"), currency_code="BTC")),
)
_DROPSHIP: tuple[_Sample, ...] = (
    (Decision.DUE, _photo_gifts(70001, "jan", item("TEE-BLK-M", 2))),
    (Decision.DUE, _photo_gifts(70002, "jose", item("TEE-BLK-M", 12, **NO_PRICE))),
    (Decision.DUE, _photo_gifts(70003, "elodie", item("CANVAS-40"), item("MUG-11OZ", 4))),
    (Decision.DUE, _photo_gifts(70004, "giorgos", item("PUZZLE-500", 7))),
    (Decision.DUE, _photo_gifts(70005, "jurgen", item("HOODIE-GRY-L"), shipping_method="Express", shipping_price="11.20")),
    (Decision.DUE, _photo_gifts(70006, "jan", item("TEE-BLK-M", 3, **NO_PRICE), currency_code="EUR", shipping_price="4.10")),
    (Decision.DUE, _photo_gifts(70007, "lukasz", item("TEE-BLK-M", 1, **NO_PRICE), currency_code="eur", shipping_price=None)),
    (Decision.DUE, _photo_gifts(70008, "elodie", item("DESIGN-HOUR", 1, tax_code=None))),
    # This plan includes orders with errors; a hold is stronger.
    (Decision.DUE, _photo_gifts(70009, "jose", item("CANVAS-40"), has_error="1", error_message="Address not verified")),
    (Decision.ON_HOLD, _photo_gifts(70010, "jose", item("CANVAS-40"), has_error=True, **_ON_HOLD)),
    (Decision.PRICE_MISSING, _photo_gifts(70011, "giorgos", item("MUG-11OZ", 2, **NO_PRICE))),
    (Decision.BEFORE_START, _photo_gifts(70012, "jan", item("TEE-BLK-M"), creation_datetime="2025-12-31 23:59:59")),
    (Decision.STATUS_NOT_BILLABLE, _photo_gifts(70013, "jan", item("TEE-BLK-M"), status=1, status_name="Received", dispatch_datetime="")),
)
_CUSTOMERS: tuple[_Sample, ...] = (
    (Decision.DUE, _fjallfoto(90001, "asa", item("POSTER-50X70", 1, **NO_PRICE))),
    (Decision.DUE, _fjallfoto(90002, "lars", item("POSTER-50X70", 3, **NO_PRICE))),
    (Decision.DUE, _fjallfoto(90003, "asa", item("BOOK-A4", 1, unit_cost_price="139.00", tax_code="book"))),
    # The destination's rate (One Stop Shop), reverse charge for a business, export.
    (Decision.DUE, _fjallfoto(90004, "jan", item("POSTER-50X70", 2, **NO_PRICE), **_EUR)),
    (
        Decision.DUE,
        _fjallfoto(
            90005,
            "jan",
            item("POSTER-50X70", 20, **NO_PRICE),
            **_EUR,
            billing_company="Galerie De Vries BV",
            billing_vat_number="NL817765402B01",
        ),
    ),
    (
        Decision.DUE,
        _fjallfoto(
            90006,
            "jurgen",
            item("DESIGN-HOUR", 2, tax_code="design"),
            **{**_EUR, "shipping_price": 0},
            billing_company="Groß & Söhne GmbH",
            billing_vat_number="DE136695976",
        ),
    ),
    (Decision.DUE, _fjallfoto(90007, "ola", item("POSTER-50X70", 1, **NO_PRICE))),
    # Nobody has told the German rate; nobody knows this customer's country.
    (Decision.TAX_MISSING, _fjallfoto(90008, "jurgen", item("POSTER-50X70", 1, **NO_PRICE), **_EUR)),
    (
        Decision.TAX_MISSING,
        _fjallfoto(90009, "asa", item("POSTER-50X70", 1, **NO_PRICE), billing_country_code=None, billing_country="Sápmi"),
    ),
    (Decision.STATUS_NOT_BILLABLE, _fjallfoto(90010, "lars", item("POSTER-50X70", 1, **NO_PRICE), payment_status="open")),
    (Decision.PRICE_MISSING, _fjallfoto(90011, "lars", item("POSTER-50X70", 1, **NO_PRICE), currency_code="NOK")),
    (Decision.ON_HOLD, _fjallfoto(90012, "ola", item("POSTER-50X70", 1, **NO_PRICE), **_ON_HOLD)),
    # An order of a company that nobody has declared.
    (Decision.COMPANY_UNKNOWN, order("60001", "999", "zoe", item("TEE-BLK-M"))),
    # An order under the seller itself.
    (Decision.PLAN_DISABLED, order("60002", "999", "zoe", item("TEE-BLK-M"), company_ref_id="acme-print")),
)
# Three orders in one message; its fourth element is no order.
_ARRAY: tuple[_Sample, ...] = (
    (Decision.DUE, _northern_gifts(50030, "zoe", item("MUG-11OZ"))),
    (Decision.DUE, _photo_gifts(70014, "jan", item("MUG-11OZ"))),
    (Decision.ON_HOLD, _northern_gifts(50031, "wang", item("MUG-11OZ"), **_ON_HOLD)),
)
# The order's story in its messages, oldest first; the last newest version decides.
_STORIES: tuple[tuple[Decision, tuple[Json, ...]], ...] = (
    (
        Decision.DUE,
        (
            _northern_gifts(50032, "zoe", item("TEE-BLK-M"), **_IN_PRODUCTION),
            _northern_gifts(50032, "zoe", item("TEE-BLK-M"), version=2),
        ),
    ),
    # A stale version comes late, and changes nothing.
    (
        Decision.DUE,
        (
            _northern_gifts(50033, "wang", item("TEE-BLK-M", 2), version=3),
            _northern_gifts(50033, "wang", item("TEE-BLK-M", 2), version=2, **_ON_HOLD),
        ),
    ),
    # Cancelled after it was dispatched.
    (
        Decision.CANCELLED,
        (
            _photo_gifts(70015, "jose", item("TEE-BLK-M")),
            _photo_gifts(70015, "jose", item("TEE-BLK-M"), version=2, status=128, status_name="Cancelled"),
        ),
    ),
    # The same message twice.
    (Decision.DUE, (_photo_gifts(70016, "elodie", item("TEE-BLK-M")),) * 2),
    # The same version twice, written in another way.
    (
        Decision.DUE,
        (
            _fjallfoto(90013, "asa", item("POSTER-50X70", 1, **NO_PRICE), version="4"),
            _fjallfoto(90013, "asa", item("POSTER-50X70", "1", **NO_PRICE), version=4),
        ),
    ),
)
_UNREADABLE: tuple[bytes, ...] = (
    body(_northern_gifts(51001, "zoe", item("TEE-BLK-M")))[:-40],
    "Ångström, 1 High Street".encode("latin-1"),
    body(_northern_gifts(51002, "zoe", item("TEE-BLK-M", ["two"]))),
    body(_northern_gifts(51003, "zoe", item("TEE-BLK-M", 1, sale_vat_rate=20))),
    body(_northern_gifts(51004, "zoe", item("TEE-BLK-M", -1))),
    body(_northern_gifts(51005, "zoe", item("TEE-BLK-M"), ref=None, id=None)),
    body(_northern_gifts(51006, "zoe", item("TEE-BLK-M"))).replace(b'"3.50"', b"NaN"),
    body(_northern_gifts(51007, "zoe", item("TEE-BLK-M"), creation_datetime="yesterday")),
    b'{"ref":"51008","items":' + b"[" * 64 + b"]" * 64 + b"}",
    b"[]",
)
_OF_UNKNOWN_TYPE = body(_northern_gifts(51009, "zoe", item("TEE-BLK-M")))

EXPECTED: Mapping[str, Decision] = {
    **{message["ref"]: decision for decision, message in (*_RETAILER, *_DROPSHIP, *_CUSTOMERS, *_ARRAY)},
    **{messages[0]["ref"]: decision for decision, messages in _STORIES},
}
"""What is decided about each order, by ref, before anything is invoiced; an order that is due is invoiced by the next run."""

EXPECTED_DUPLICATES = 2
EXPECTED_STALE = 1
EXPECTED_QUARANTINED = len(_UNREADABLE) + 2  # the unknown type, and the element that is no order


def messages() -> Iterator[IncomingMessage]:
    """All messages in the order of their arrival; every call gives the same."""
    bodies = [body(message) for _, message in (*_RETAILER, *_DROPSHIP, *_CUSTOMERS)]
    bodies.append(body([*(message for _, message in _ARRAY), {"note": "end of file"}]))
    bodies += [body(message) for _, story in _STORIES for message in story]
    bodies += _UNREADABLE
    for number, content in enumerate(bodies, 1):
        yield IncomingMessage(content, message_id=f"demo-{number}", routing_key="order.demo", headers={}, origin="demo")
    yield IncomingMessage(_OF_UNKNOWN_TYPE, message_id="demo-type", type="shop.ordr", routing_key="order.demo", headers={}, origin="demo")

"""The order message, read as DESIGN 4.1 says."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from adapters.oms.order_translator import KornitOrderTranslator, OmsTranslators
from adapters.vat_register.vat_register import ChecksumVatRegister
from domain.errors import Invalid
from domain.orders.order import Order
from domain.parties import Address, Party
from tests.factories import a_party, an_item_message, an_order, an_order_body, an_order_message

TRANSLATOR = KornitOrderTranslator(ChecksumVatRegister())


def read(**changes: Any) -> Order:
    """Translate the default message with changes."""
    return TRANSLATOR.translate(an_order_body(**changes))


def read_item(**changes: Any) -> Order:
    """Translate the default message with changes in its one item."""
    return read(items=[an_item_message(**changes)])


def refusal(**changes: Any) -> Invalid:
    """Translate the default message with changes that must be refused."""
    with pytest.raises(Invalid) as caught:
        read(**changes)
    return caught.value


# The whole message


def test_the_example_of_the_design_becomes_an_order() -> None:
    """Every field that an invoice depends on arrives."""
    assert read() == an_order(shipping=a_party())


def test_an_order_that_says_no_more_than_it_must_is_read() -> None:
    """Only the ref and the company are required; all else is null."""
    order = TRANSLATOR.translate(b'{"ref": "1", "company_ref_id": 501}')

    assert order == Order(source="oms", ref="1", company_ref="501", lines=())


def test_a_null_means_the_same_as_an_absent_field() -> None:
    """All fields but the two required ones may be null."""
    message = dict.fromkeys(an_order_message()) | {"ref": "1", "company_ref_id": "501"}

    assert TRANSLATOR.translate(msgspec.json.encode(message)) == Order(source="oms", ref="1", company_ref="501", lines=())


def test_unknown_fields_are_allowed() -> None:
    """They stay in the stored body for a field mapper."""
    assert read(gift_note={"text": ["for", "you"]}, items=[an_item_message(colour="black", attributes={"size": "M"})]) == read()


def test_the_source_is_the_one_the_translator_was_made_for() -> None:
    """Two systems may use the same ref."""
    translator = KornitOrderTranslator(ChecksumVatRegister(), source="oms-north")

    assert translator.translate(an_order_body()).source == "oms-north"


# Ids


@pytest.mark.parametrize(("value", "expected"), [(777, "777"), ("777", "777"), (" 777 ", "777")])
def test_ids_come_as_numbers_or_texts(value: str | int, expected: str) -> None:
    """An id is a text for us."""
    order = read(ref=value, company_ref_id=value, external_ref=value)

    assert (order.ref, order.company_ref, order.external_ref) == (expected, expected, expected)


def test_the_id_stands_in_for_a_missing_ref() -> None:
    """Both name the order; the ref is what people see."""
    assert read(ref=None).ref == "90001"


def test_the_secondary_company_is_the_one_that_is_invoiced() -> None:
    """The dropship connection goes before the sales channel."""
    assert read(secondary_company_ref_id=777).company_ref == "777"


@pytest.mark.parametrize("empty", [None, "", " ", 0, "0"])
def test_without_a_secondary_company_the_primary_one_is_invoiced(empty: Any) -> None:
    """An id of 0 is a null that became a number."""
    assert read(secondary_company_ref_id=empty).company_ref == "501"


def test_an_order_without_a_name_is_refused() -> None:
    """Without ref and id it could never be found again."""
    assert refusal(ref=None, id="").path == "ref"


@pytest.mark.parametrize("empty", [None, "", 0])
def test_an_order_without_a_company_is_refused(empty: Any) -> None:
    """Nobody could be invoiced."""
    assert refusal(company_ref_id=empty).path == "company_ref_id"


def test_an_overlong_ref_is_refused() -> None:
    """An index of the database could not hold it."""
    error = refusal(ref="9" * 256)

    assert (error.path, error.text) == ("ref", "ref: has 256 characters; at most 255 are allowed")


def test_a_ref_with_a_control_character_is_refused() -> None:
    """Cleaned of it, it could be the ref of another order."""
    assert refusal(ref="90\x00001").path == "ref"


# Numbers


@pytest.mark.parametrize("written", [b"6.25", b'"6.25"', b'" 6.25 "', b"625e-2", b'"6.250000000000000001"', b"6.250000000000000001"])
def test_a_number_comes_as_a_number_or_a_text(written: bytes) -> None:
    """Digits beyond the eighth decimal are the noise of a sender's floats."""
    body = an_order_body().replace(b'"unit_cost_price":"6.25"', b'"unit_cost_price":' + written)

    assert TRANSLATOR.translate(body).lines[0].unit_cost_price == Decimal("6.25")


def test_a_number_keeps_the_digits_it_was_written_with() -> None:
    """A price of 6.50 is printed as 6.50."""
    assert str(read_item(unit_cost_price="6.50").lines[0].unit_cost_price) == "6.50"


@pytest.mark.parametrize(("written", "expected"), [(0.1 + 0.2, "0.3"), ("1e2", "100"), ("-0", "0"), ("-0.0", "0"), (".5", "0.5"), (5, "5")])
def test_a_number_is_never_left_in_a_strange_form(written: float | str, expected: str) -> None:
    """No exponent, no minus zero, no float."""
    assert str(read_item(unit_cost_price=written).lines[0].unit_cost_price) == expected


def test_spaces_around_a_number_do_not_count_however_many() -> None:
    """Only its digits are limited."""
    assert read_item(unit_cost_price=" " * 100 + "6.50" + " " * 100).lines[0].unit_cost_price == Decimal("6.50")


@pytest.mark.parametrize("empty", [None, "", "missing"])
def test_an_empty_price_is_no_price(empty: str | None) -> None:
    """The price list is asked then."""
    item = an_item_message()
    if empty == "missing":
        del item["unit_cost_price"]
    else:
        item["unit_cost_price"] = empty

    assert read(items=[item]).lines[0].unit_cost_price is None


@pytest.mark.parametrize(
    "absurd",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1e-99999999999",
        1e300,
        10**9,
        "-1",
        -0.01,
        "6,25",
        "1_000",
        "١٢",
        "abc",
        "9" * 500,
        True,
        [],
        {},
    ],
)
def test_an_absurd_price_is_refused_with_its_place(absurd: Any) -> None:
    """The sender is told which value of which item is wrong."""
    error = refusal(items=[an_item_message(), an_item_message(unit_cost_price=absurd)])

    assert error.path == "items[1].unit_cost_price"
    assert error.text.startswith("items[1].unit_cost_price: must be a number from 0 to below 1000000000, not ")


@pytest.mark.parametrize("literal", [b"1e400", b"-1e400", b"1E+9999999999", b"9" * 400])
def test_an_absurd_json_number_is_refused_with_its_place(literal: bytes) -> None:
    """Valid JSON may hold numbers that no machine type holds."""
    body = an_order_body().replace(b'"shipping_price":"3.50"', b'"shipping_price":' + literal)

    with pytest.raises(Invalid) as caught:
        TRANSLATOR.translate(body)

    assert caught.value.path == "shipping_price"


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_are_not_json_are_refused(literal: bytes) -> None:
    """Some serialisers write them."""
    body = an_order_body().replace(b'"3.50"', literal)

    with pytest.raises(Invalid, match="not JSON"):
        TRANSLATOR.split(body)


# Quantities


def test_a_line_of_quantity_zero_is_left_out() -> None:
    """Nothing of it is sold any more, and the body keeps it."""
    order = read(items=[an_item_message(quantity=0), an_item_message(ref="90001-2")])

    assert [line.ref for line in order.lines] == ["90001-2"]


def test_a_negative_quantity_is_refused() -> None:
    """Money goes back by a credit note only."""
    assert refusal(items=[an_item_message(quantity=-1)]).path == "items[0].quantity"


def test_a_missing_quantity_is_refused() -> None:
    """To guess one would be to guess an amount."""
    assert refusal(items=[an_item_message(quantity=None)]).path == "items[0].quantity"


def test_a_quantity_may_be_a_fraction() -> None:
    """Textiles are sold by the metre."""
    assert read_item(quantity="1.5").lines[0].quantity == Decimal("1.5")


def test_an_absurd_amount_is_refused() -> None:
    """No order is worth a million millions, and the database could not hold many of them."""
    error = refusal(items=[an_item_message(quantity=999_999, unit_cost_price=999_999_999)])

    assert error.path == "items[0].unit_cost_price"


# Tax rates and shipping


@pytest.mark.parametrize("percentage", [20, "20", 1, "1.0", "17.5"])
def test_a_rate_that_is_a_percentage_is_refused(percentage: str | int) -> None:
    """It is told apart from a fraction, and never guessed."""
    error = refusal(items=[an_item_message(sale_vat_rate=percentage)])

    assert error.path == "items[0].sale_vat_rate"
    assert "must be a fraction below 1" in error.text
    assert error.next_step == "Send 20 % as 0.2."


@pytest.mark.parametrize(
    ("written", "expected"), [(0.2, "0.2"), ("0.20", "0.20"), (0, "0"), (0.19999999999999998, "0.2"), (0.055, "0.055")]
)
def test_a_rate_is_a_fraction(written: float | str, expected: str) -> None:
    """The noise of a float does not become a rate of its own."""
    assert str(read(shipping_tax_rate=written).shipping_tax_rate) == expected


def test_a_missing_shipping_rate_is_not_derived_from_rounded_prices() -> None:
    """From 3.49 and 4.19 would come 20.06 %; the code `standard` decides instead."""
    assert read(shipping_price="3.49", shipping_price_inc_tax="4.19", shipping_tax_rate=None).shipping_tax_rate is None


@pytest.mark.parametrize("empty", [None, "", "0.00", 0])
def test_no_shipping_price_is_a_price_of_zero(empty: Any) -> None:
    """Free shipping leaves no line on the invoice."""
    assert read(shipping_price=empty, shipping_price_inc_tax=0).shipping_price == 0


def test_a_shipping_price_given_only_with_tax_is_refused() -> None:
    """Shipping would be left off the invoice, silently."""
    assert refusal(shipping_price=None, shipping_price_inc_tax="4.20").path == "shipping_price"


# Times


@pytest.mark.parametrize(
    "written",
    ["2026-11-01 10:00:05", "2026-11-01T10:00:05", "2026-11-01T10:00:05Z", "2026-11-01 12:00:05+02:00", " 2026-11-01 10:00:05 "],
)
def test_a_time_without_a_zone_is_utc(written: str) -> None:
    """Times with a zone are brought to UTC."""
    assert read(creation_datetime=written).created_at == datetime(2026, 11, 1, 10, 0, 5, tzinfo=UTC)


def test_a_date_is_its_start() -> None:
    """Midnight in UTC."""
    assert read(dispatch_datetime="2026-11-02").dispatched_at == datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize("zero", ["0000-00-00 00:00:00", "0000-00-00", "0000-00-00T00:00:00Z", "", " ", None])
def test_a_zero_date_is_null(zero: str | None) -> None:
    """The order management system writes nulls so."""
    assert read(dispatch_datetime=zero).dispatched_at is None


def test_the_time_of_sale_stands_in_for_a_missing_time_of_creation() -> None:
    """An order without any time would never be after a plan's start."""
    order = read(creation_datetime="0000-00-00 00:00:00", sale_datetime="2026-10-31 23:59:59")

    assert order.created_at == datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong", ["yesterday", "2026-02-30", "2026-11-01 25:00", "0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00", 1793527205]
)
def test_a_time_that_is_none_is_refused(wrong: Any) -> None:
    """Also one that UTC cannot hold."""
    assert refusal(updated_at=wrong).path == "updated_at"


# Flags, versions and statuses


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (True, True),
        (1, True),
        ("1", True),
        ("TRUE", True),
        (False, False),
        (0, False),
        ("0", False),
        ("false", False),
        ("", False),
        (None, False),
    ],
)
def test_a_flag_may_be_a_number_or_a_text(written: Any, expected: bool) -> None:
    """PHP writes booleans in many ways."""
    order = read(has_error=written, is_free_of_charge=written)

    assert (order.has_error, order.is_free_of_charge) == (expected, expected)


@pytest.mark.parametrize("wrong", [2, -1, "maybe", "9" * 500])
def test_any_other_flag_is_refused(wrong: Any) -> None:
    """A wrong guess would invoice an order in error."""
    assert refusal(has_error=wrong).path == "has_error"


@pytest.mark.parametrize("written", [4, "4", " 4 "])
def test_a_version_is_a_whole_number(written: Any) -> None:
    """As a number or a text."""
    assert read(version=written).version == 4


@pytest.mark.parametrize("wrong", [-1, "3.5", 3.0, "v3", True, 2**63, "²"])
def test_any_other_version_is_refused(wrong: Any) -> None:
    """Versions are compared, so they must be comparable, and fit the database."""
    assert refusal(version=wrong).path == "version"


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (256, "On Hold", (256, "On Hold")),
        ("256", None, (256, "")),
        (None, "Delivered", (None, "Delivered")),
        ("On Hold (Supplier)", None, (None, "On Hold (Supplier)")),
        ("Delivered", "Delivered (Retailer Notified)", (None, "Delivered (Retailer Notified)")),
        (0, "Unknown", (0, "Unknown")),
    ],
)
def test_a_status_is_a_code_or_a_name(status: Any, name: str | None, expected: tuple[int | None, str]) -> None:
    """Some statuses have no public code."""
    order = read(status=status, status_name=name)

    assert (order.status, order.status_name) == expected


# Parties


def test_a_company_is_billed_by_its_name_with_the_person_as_its_contact() -> None:
    """A VAT number is valid if its check digits are."""
    billing = read(billing_company="Zoë Prints SARL", billing_vat_number="NL004495445B01").billing

    assert (billing.name, billing.contact) == ("Zoë Prints SARL", "Zoë Ångström")
    assert (billing.vat_number, billing.vat_number_valid) == ("NL004495445B01", True)


def test_a_person_is_billed_by_name_and_the_customer_stands_in() -> None:
    """Where the billing fields are empty the customer's are taken."""
    billing = read(
        billing_customer_name=None, billing_customer_email=None, customer_name="Ola Nordmann", customer_email="ola@example.com"
    ).billing

    assert (billing.name, billing.contact, billing.email) == ("Ola Nordmann", "", "ola@example.com")


def test_a_vat_number_with_wrong_check_digits_is_kept_and_not_valid() -> None:
    """It is printed, and opens no reverse charge."""
    billing = read(billing_vat_number="NL004495446B01").billing

    assert (billing.vat_number, billing.vat_number_valid) == ("NL004495446B01", False)


def test_the_shipping_address_is_billed_where_no_billing_address_is_given() -> None:
    """The customer is at home where the parcel goes."""
    absent = {name: None for name in an_order_message() if name.startswith("billing_")}

    order = read(**absent)

    assert order.billing == Party("Zoë Ångström", order.shipping.address, email="zoe@example.com")


def test_without_a_city_the_third_line_is_the_city_and_the_fourth_the_region() -> None:
    """As the public clients of the order API fill the five lines."""
    order = read(
        billing_address_1="Flat 2",
        billing_address_2="1 High Street",
        billing_address_3="Leeds",
        billing_address_4="West Yorkshire",
        billing_city=None,
    )

    assert order.billing.address == Address("Flat 2", "1 High Street", "Leeds", "LS1 1AA", "West Yorkshire", "GB")


def test_with_a_city_the_second_and_third_line_share_a_line() -> None:
    """Nothing of an address is lost."""
    order = read(billing_address_2="Unit 7", billing_address_3="Mill Yard", billing_address_4="West Yorkshire", billing_address_5="England")

    assert order.billing.address == Address("1 High Street", "Unit 7, Mill Yard", "Leeds", "LS1 1AA", "West Yorkshire, England", "GB")


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("gb", "", "GB"),
        ("UK", "", "GB"),
        ("EL", "", "GR"),
        ("", "United Kingdom", "GB"),
        (None, "sverige", "SE"),
        ("", "NEDERLAND", "NL"),
        ("GBR", "", "GB"),
        ("??", "Germany", "DE"),
        ("", "Ruritania", ""),
        ("", "", ""),
    ],
)
def test_a_country_is_its_code_or_a_well_known_name(code: str | None, name: str, expected: str) -> None:
    """An unknown name stays unknown: a wrong country would mean a wrong tax."""
    assert read(billing_country_code=code, billing_country=name).billing.address.country == expected


def test_names_of_all_scripts_arrive_unchanged() -> None:
    """Customers live everywhere."""
    assert [read(billing_customer_name=name).billing.name for name in ("王小明", "Łukasz Żółć", "Γιώργος", "😀")] == [
        "王小明",
        "Łukasz Żółć",
        "Γιώργος",
        "😀",
    ]


def test_control_characters_in_texts_become_blanks() -> None:
    """A mail header must not hold a line break, nor the database a NUL."""
    assert read(billing_customer_name="Zoë\r\nBcc: all@example.com\x00").billing.name == "Zoë Bcc: all@example.com"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"customer_name": ["Zoë"]}, "customer_name"),
        ({"customer_name": 1.5}, "customer_name"),
        ({"items": {"0": {}}}, "items"),
        ({"items": ["TEE"]}, "items[0]"),
        ({"items": [{"quantity": 1, "sku": {}}]}, "items[0].sku"),
        ({"currency_code": "G" * 300}, "currency_code"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_place(changes: dict[str, Any], path: str) -> None:
    """The path is written as a person would write it."""
    assert refusal(**changes).path == path


# Translators by type


def test_the_empty_type_and_order_mean_the_default_translator() -> None:
    """A publisher need not set the type."""
    translators = OmsTranslators(TRANSLATOR)

    assert translators.for_type("") is TRANSLATOR
    assert translators.for_type("order") is TRANSLATOR


def test_another_type_has_a_translator_of_its_own() -> None:
    """Another order management system is another translator."""
    other = KornitOrderTranslator(ChecksumVatRegister(), source="shop")
    translators = OmsTranslators(TRANSLATOR, {"shop.order": other})

    assert translators.for_type("shop.order") is other
    assert translators.for_source("shop") is other
    assert translators.for_source("oms") is TRANSLATOR


@pytest.mark.parametrize(
    ("wrong", "next_step"), [("shop.ordr", "Did you mean 'shop.order'?"), ("xml", "Known types: order, shop.order, or none.")]
)
def test_an_unknown_type_is_refused_with_what_is_known(wrong: str, next_step: str) -> None:
    """The message is set aside, and a person sees why."""
    translators = OmsTranslators(TRANSLATOR, {"shop.order": TRANSLATOR})

    with pytest.raises(Invalid) as caught:
        translators.for_type(wrong)

    assert (caught.value.path, caught.value.next_step) == ("type", next_step)


def test_an_unknown_source_is_refused() -> None:
    """Nobody could read its stored bodies."""
    with pytest.raises(Invalid):
        OmsTranslators(TRANSLATOR).for_source("gone")

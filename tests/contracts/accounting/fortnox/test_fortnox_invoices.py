"""Invoices in Fortnox: what arrives, and what it costs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.delivery.outcome import Delivered, Refused
from tests.contracts.accounting.fortnox.house import (
    FortnoxHouse,
    a_credit_note,
    a_swedish_party,
    all_delivered,
    an_invoice,
    an_invoice_of,
    an_order_of,
    lines_of,
)
from tests.factories import an_address
from tests.fakes.vendor_server import Reply

UNITS = {"OrderRows[]": {"each": "lines[]"}, "OrderRows[].Unit": {"value": "st"}}


def test_an_invoice_arrives_as_a_draft_with_our_number_dates_and_totals(house: FortnoxHouse) -> None:
    [outcome] = house.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    there = house.invoice()
    assert outcome.remote_id == there["DocumentNumber"]
    assert (there["Booked"], there["Sent"], there["Cancelled"]) == (False, False, False)
    assert (there["InvoiceDate"], there["DueDate"], there["TermsOfPayment"]) == ("2026-11-21", "2026-12-21", "30")
    assert (there["YourOrderNumber"], there["Currency"]) == ("WEB-1001", "SEK")
    assert (there["Net"], there["TotalVAT"], there["Total"]) == (15.99, 4.01, 20)
    assert [(row["ArticleNumber"], row["DeliveredQuantity"], row["Price"]) for row in there["InvoiceRows"]] == [
        ("TEE-BLK-M", "2", 6.25),
        ("", "1", 3.5),
        ("", "1", -0.01),
    ]
    assert house.steps == {}
    assert "total 20" in outcome.detail


def test_with_warm_caches_an_invoice_is_one_call(house: FortnoxHouse) -> None:
    """At most 1.2 are allowed; the first invoice pays for registers, customer and article. Two questions find what is there of all."""
    house.deliver(an_invoice(1))
    before = house.calls()

    assert all_delivered(house.deliver(*map(an_invoice, range(2, 102))))

    assert house.calls() - before == 102
    assert len(house.created()) == 101
    assert house.fortnox.refused_calls == 0


@pytest.mark.parametrize(("method", "effect"), [("email", "emailed"), ("print", "printed"), ("none", "marked sent")])
def test_an_invoice_is_sent_as_the_settings_say(house: FortnoxHouse, method: str, effect: str) -> None:
    house.settings |= {"status": "sent", "send_method": method}

    [outcome] = house.deliver(an_invoice())

    assert isinstance(outcome, Delivered)
    assert house.invoice()["Sent"] is True
    assert len(house.fortnox.effects(effect)) == 1
    assert house.steps == {1: {"document": outcome.remote_id}}
    assert [mail.to for mail in house.fortnox.emails_sent] == (["zoe@example.com"] if method == "email" else [])


def test_a_unit_price_of_more_decimals_is_sent_as_one_piece_at_the_line_s_net(house: FortnoxHouse) -> None:
    """Fortnox would round 0.1234 to 0.12 and come to another total."""
    assert all_delivered(house.deliver(an_invoice_of(1, "0.1234", quantity="100")))

    [row] = house.invoice()["InvoiceRows"]
    assert (row["DeliveredQuantity"], row["Price"]) == ("1", 12.34)
    assert row["Description"].endswith("(100 x 0.1234)")


def test_a_company_that_rounds_to_whole_kronor_is_understood(house: FortnoxHouse) -> None:
    house.company.whole_krona = True

    [outcome] = house.deliver(an_invoice_of(1, "10.10"))

    assert isinstance(outcome, Delivered)
    assert house.invoice()["Total"] == 13
    assert "rounded off" in outcome.detail


def test_totals_are_made_equal_by_a_rounding_row_within_the_tolerance_and_refused_beyond(house: FortnoxHouse) -> None:
    """Fortnox rounds the VAT of each row: 0.03 at 25 % is 0.0075, so ten rows come to 0.10, and ours to 0.08."""
    ten = an_invoice_of(1, *["0.03"] * 10)
    house.settings |= {"rounding_tolerance": "0.01"}
    [refused] = house.deliver(ten)
    assert isinstance(refused, Refused)
    assert refused.code == "totals_differ"
    assert house.created() == []

    house.settings |= {"rounding_tolerance": "0.05"}

    assert all_delivered(house.deliver(ten))
    rounding = house.invoice()["InvoiceRows"][-1]
    assert (rounding["Price"], rounding["VAT"], rounding["AccountNumber"]) == (-0.02, 0, 3740)
    assert house.invoice()["Total"] == 0.38


def test_totals_that_come_back_different_are_told_and_nothing_is_created_again(house: FortnoxHouse) -> None:
    """An article with a fixed price list, a rule in Fortnox: whatever it is, a person looks, and retries when it is mended."""
    house.deliver(an_invoice(1))
    house.fortnox.faults.answer(_with_other_total(house), "/3/invoices", "POST", processed=True)

    [refused] = house.deliver(an_invoice(2))

    assert isinstance(refused, Refused)
    assert refused.code == "totals_differ_there"
    assert "Total 99" in refused.text
    assert all_delivered(house.deliver(an_invoice(2)))
    assert house.created() == ["INV-000001", "INV-000002"]


def _with_other_total(house: FortnoxHouse):
    document = {**house.invoice(), "DocumentNumber": "2", "Total": 99, "ExternalInvoiceReference1": "INV-000002"}
    document["ExternalInvoiceReference2"] = document["ExternalInvoiceReference2"].replace("000001", "000002")
    return Reply.of_json({"Invoice": document}, 201)


def test_an_invoice_in_euros_has_the_rate_of_the_settings_where_they_name_one(house: FortnoxHouse) -> None:
    house.settings |= {"currency_rates": {"EUR": "11.5"}}

    assert all_delivered(house.deliver(an_invoice(1, currency="EUR")))

    assert (house.invoice()["Currency"], house.invoice()["CurrencyRate"]) == ("EUR", 11.5)


def test_a_currency_that_fortnox_has_not_is_refused_before_anything_is_sent(house: FortnoxHouse) -> None:
    [refused] = house.deliver(an_invoice(1, currency="USD"))
    assert isinstance(refused, Refused)
    assert refused.code == "currency_missing"
    assert "billhook deliveries retry {delivery}" in refused.next_step
    house.company.currencies["USD"] = Decimal("10.4")
    house.clock.advance(seconds=20)

    assert all_delivered(house.deliver(an_invoice(1, currency="USD")))


def test_more_than_five_hundred_rows_are_refused(house: FortnoxHouse) -> None:
    house.settings |= {"articles": "none"}

    [refused] = house.deliver(an_invoice_of(1, *["1.00"] * 501))

    assert isinstance(refused, Refused)
    assert refused.code == "too_many_rows"
    assert "orders_per_invoice_max" in refused.next_step
    assert "billhook deliveries delivered {delivery}" in refused.next_step
    assert "retry" not in refused.next_step
    assert house.created() == []


def test_five_hundred_rows_are_taken(house: FortnoxHouse) -> None:
    house.settings |= {"articles": "none"}

    assert all_delivered(house.deliver(an_invoice_of(1, *["1.00"] * 500)))

    assert len(house.invoice()["InvoiceRows"]) == 500


def test_shipping_is_called_so_and_not_by_our_word_for_it(house: FortnoxHouse) -> None:
    house.deliver(an_invoice())

    assert [row["Description"] for row in house.invoice()["InvoiceRows"]][1] == "Shipping: Next Day"


@pytest.mark.parametrize(("country", "name"), [("NL", "Netherlands"), ("SE", "Sverige"), ("CZ", "Czech Republic"), ("AQ", "")])
def test_an_order_names_the_country_it_goes_to_where_fortnox_has_a_name_for_it(house: FortnoxHouse, country: str, name: str) -> None:
    """Documents have no field for a code, and a name that Fortnox does not know would be refused."""
    house.settings |= {"document": "order"}
    receiver = a_swedish_party(email="", address=an_address(country=country))

    assert all_delivered(house.deliver(an_order_of(shipping=receiver)))

    assert house.order()["DeliveryCountry"] == name


def test_an_order_that_a_flow_makes_an_invoice_of_has_its_terms_by_the_way_of_payment(house: FortnoxHouse) -> None:
    house.settings |= {"payment_methods": {"card": "K"}}

    assert all_delivered(house.deliver(an_order_of(fields={"payment_type": "card"})))

    assert house.invoice("90001")["TermsOfPayment"] == "K"


def test_a_closed_period_is_told_before_anything_is_sent(house: FortnoxHouse) -> None:
    house.company.locked_until = an_invoice().issued_on

    [refused] = house.deliver(an_invoice())

    assert isinstance(refused, Refused)
    assert refused.code == "period_locked"


def test_terms_of_payment_go_through_their_table_and_stop_where_it_has_no_entry(house: FortnoxHouse) -> None:
    house.settings |= {"payment_terms": {"14": "14"}}
    [refused] = house.deliver(an_invoice())
    assert isinstance(refused, Refused)
    assert refused.code == "value_unmapped"
    assert "'30'" in refused.text
    assert "payment_terms" in refused.text

    house.settings |= {"payment_terms": {"30": "AG"}}

    assert all_delivered(house.deliver(an_invoice()))
    assert house.invoice()["TermsOfPayment"] == "AG"


def test_characters_that_fortnox_refuses_are_left_out(house: FortnoxHouse) -> None:
    line = lines_of("1.00")[0]
    odd = replace(line, description="Mug 🎁\x07 \x00with a \u202e heart\u2028")

    assert all_delivered(house.deliver(an_invoice(1, lines=(odd,))))

    assert house.invoice()["InvoiceRows"][0]["Description"] == "Mug with a heart"


def test_a_field_map_of_one_s_own_is_laid_over_what_is_sent(house: FortnoxHouse) -> None:
    """A constant, a table, a value for each row, and a field of the customer."""
    house.settings |= {
        "field_map": {
            "OurReference": {"value": "Webshop"},
            "Language": {"from": "buyer.address.country", "table": {"SE": "SV"}, "otherwise": "EN"},
            "InvoiceRows[].Unit": {"from": "lines[].is_shipping", "table": {"false": "st"}, "otherwise": "km"},
            "Customer.Phone1": {"value": "0470-1"},
        }
    }

    assert all_delivered(house.deliver(an_invoice()))

    there = house.invoice()
    assert (there["OurReference"], there["Language"]) == ("Webshop", "SV")
    assert [row["Unit"] for row in there["InvoiceRows"]] == ["st", "km", ""]
    assert house.customer()["Phone1"] == "0470-1"


def test_an_order_arrives_with_what_was_delivered_of_it(house: FortnoxHouse) -> None:
    """So that the invoice that is made of it in Fortnox is not empty."""
    house.settings |= {"document": "order", "payment_methods": {"card": "K"}, "field_map": UNITS}

    [outcome] = house.deliver(an_order_of(fields={"payment_type": "card"}))

    assert isinstance(outcome, Delivered)
    there = house.order()
    assert (there["Net"], there["TotalVAT"], there["Total"]) == (15.99, 4.01, 20)
    assert [(row["OrderedQuantity"], row["DeliveredQuantity"]) for row in there["OrderRows"]] == [("2", "2"), ("1", "1"), ("1", "1")]
    assert (there["OrderDate"], there["DeliveryDate"]) == ("2026-11-01", "2026-11-02")
    assert (there["DeliveryName"], there["DeliveryCity"], there["TermsOfPayment"]) == ("Zoë Ångström", "Växjö", "K")
    assert [row["Unit"] for row in there["OrderRows"]] == ["st", "", ""]


def test_an_order_is_mailed_where_it_is_to_be_sent(house: FortnoxHouse) -> None:
    house.settings |= {"document": "order", "status": "sent"}

    assert all_delivered(house.deliver(an_order_of()))

    assert [(mail.resource, mail.to) for mail in house.fortnox.emails_sent] == [("orders", "zoe@example.com")]


def test_a_preview_shows_the_bodies_and_both_figures_and_creates_nothing(house: FortnoxHouse) -> None:
    shown = house.preview(an_invoice())

    assert "POST /customers" in shown
    assert '"ExternalInvoiceReference1": "INV-000001"' in shown
    assert "Fortnox will come to: net 15.99, tax 4.01, total 20.00" in shown
    assert house.fortnox.effects() == []


def test_a_mail_that_fortnox_refuses_waits_for_a_person_and_the_document_stays_one(house: FortnoxHouse) -> None:
    """There is nobody to mail it to; once the customer has an address in Fortnox, a retry sends it."""
    house.settings |= {"status": "sent"}
    nameless = a_swedish_party(email="")
    [refused] = house.deliver(an_invoice(1, billing=nameless))
    assert isinstance(refused, Refused)
    assert refused.code == "email_missing"
    assert "INV-000001 has no e-mail address of Zoë Ångström in Fortnox, which is to mail it." in refused.text
    assert "E-postadress saknas" in refused.text
    house.invoice()["EmailInformation"]["EmailAddressTo"] = "zoe@example.com"

    assert all_delivered(house.deliver(an_invoice(1, billing=nameless)))

    assert len(house.fortnox.emails_sent) == 1
    assert house.created() == ["INV-000001"]


@pytest.mark.parametrize(("document", "call"), [(an_order_of(), "POST /orders"), (a_credit_note(an_invoice()), "POST /invoices")])
def test_a_preview_of_every_kind_of_document_changes_nothing(house: FortnoxHouse, document, call: str) -> None:
    house.settings |= {"document": "order" if "orders" in call else "invoice"}

    assert call in house.preview(document)

    assert house.fortnox.effects() == []

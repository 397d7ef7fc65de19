"""What is found out before anything is sent, and what Xero says itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.accounting.xero.settings import DEFAULT_SCOPES
from domain.delivery.outcome import Refused
from domain.errors import DomainError
from tests.contracts.accounting.xero.house import CONTACT, PATH, XeroHouse, all_delivered, an_invoice, an_invoice_of
from tests.factories import a_company_in, an_order_line, terms
from tests.fakes.xero import Account


def refusal(house: XeroHouse, document: Any = None) -> Refused:
    """The outcome of a delivery that must be refused."""
    [outcome] = house.deliver(document or an_invoice())
    assert isinstance(outcome, Refused)
    assert outcome.next_step.endswith("billhook deliveries retry {delivery}")
    return outcome


def test_a_contact_that_is_not_there_is_named(house: XeroHouse) -> None:
    house.settings["contact_name"] = "Nobody Ltd"

    assert refusal(house).code == "contact_missing"
    house.organisation.add_contact("Nobody Ltd")
    assert all_delivered(house.deliver(an_invoice()))


def test_a_contact_that_differs_in_an_accent_is_another(house: XeroHouse) -> None:
    house.settings["contact_name"] = "Gift Shop Ltd".replace("i", "í")

    assert refusal(house).code == "contact_missing"


@pytest.mark.parametrize("name", ['The "Best" Shop', "Back\\slash Ltd", "Łukasz & Żółć"])
def test_a_contact_with_quotes_is_found(house: XeroHouse, name: str) -> None:
    house.settings["contact_name"] = name
    house.organisation.add_contact(name)

    assert all_delivered(house.deliver(an_invoice()))


def test_a_currency_that_is_not_subscribed_is_refused_before_sending(house: XeroHouse) -> None:
    document = an_invoice(currency="SEK")

    assert refusal(house, document).code == "currency_not_subscribed"
    assert house.handed_over == {}


def test_a_closed_period_is_refused_before_sending_and_goes_once_it_is_open(house: XeroHouse) -> None:
    house.organisation.lock_books(period=date(2026, 11, 30))
    assert refusal(house).code == "period_locked"
    assert house.handed_over == {}
    house.organisation.lock_books()
    house.clock.advance(seconds=20)

    assert all_delivered(house.deliver(an_invoice()))


def test_a_sales_account_that_is_not_there_is_refused_before_sending(house: XeroHouse) -> None:
    house.settings["sales_account"] = "201"

    outcome = refusal(house)

    assert outcome.code == "account_missing"
    assert "sales_account of 501/xero" in outcome.next_step


def test_a_total_beyond_the_tolerance_is_refused_with_both(house: XeroHouse) -> None:
    house.settings["rounding_tolerance"] = "0"

    outcome = refusal(house, an_invoice_of(1, "0.03", "0.03", "0.03"))

    assert outcome.code == "totals_differ"
    assert "total 0.11" in outcome.text
    assert "total 0.12" in outcome.text


def test_what_four_decimals_cannot_say_is_told_in_words(house: XeroHouse) -> None:
    document = an_invoice_of(1, "0.001234", quantity="1000")

    assert all_delivered(house.deliver(document))

    [line] = house.invoice()["LineItems"]
    assert (line["Quantity"], line["UnitAmount"]) == (1, Decimal("1.23"))
    assert line["Description"].endswith("(1000 x 0.001234)")


def test_four_decimals_are_sent_as_they_are(house: XeroHouse) -> None:
    assert all_delivered(house.deliver(an_invoice_of(1, "0.1234", quantity="100")))

    [line] = house.invoice()["LineItems"]
    assert (line["Quantity"], line["UnitAmount"]) == (100, Decimal("0.1234"))


def test_an_export_is_zero_rated_without_a_guess(house: XeroHouse) -> None:
    document = an_invoice(under=terms(a_company_in("NL")))

    assert all_delivered(house.deliver(document))

    assert {line["TaxType"] for line in house.invoice()["LineItems"]} == {"ZERORATEDOUTPUT"}


def test_texts_of_any_kind_arrive(house: XeroHouse) -> None:
    text = "Ünïcode \x00\x07 <b>bold</b> 🎁\r\n" + "long " * 1000
    document = an_invoice(lines=(an_order_line(description=text),))

    assert all_delivered(house.deliver(document))

    description = house.invoice()["LineItems"][0]["Description"]
    assert description.startswith("Ünïcode")
    assert len(description) <= 4000


def test_a_number_that_could_not_be_looked_up_is_not_sent(house: XeroHouse) -> None:
    assert refusal(house, replace(an_invoice(), display_number='INV"1')).code == "number_not_usable"


def test_what_xero_says_itself_is_told_with_a_next_step(house: XeroHouse) -> None:
    """The account is closed between our look at it and the call."""
    house.deliver(an_invoice(1))
    closed = [replace(each, status="ARCHIVED") if each.code == "200" else each for each in house.organisation.settings.accounts]
    house.organisation.settings = replace(house.organisation.settings, accounts=tuple(closed))

    outcome = refusal(house, an_invoice(2))

    assert outcome.code == "account_invalid"
    assert "Account code '200'" in outcome.text


def test_sent_to_contact_is_marked_on_what_is_authorised(house: XeroHouse) -> None:
    house.settings["sent_to_contact"] = True

    assert all_delivered(house.deliver(an_invoice()))

    assert house.invoice()["SentToContact"] is True


def test_the_checks_of_a_good_integration_are_all_well(house: XeroHouse) -> None:
    with house.open() as destination:
        checks = destination.check()

    assert [check.name for check in checks if not check.ok] == []
    assert {"connection", "sales_account", "currencies", "contact", "lock date", "calls left today"} <= {check.name for check in checks}
    assert any("OUTPUT2" in check.detail for check in checks)


def test_the_checks_name_everything_that_is_wrong(house: XeroHouse) -> None:
    house.settings |= {"contact_name": "Nobody", "sales_account": "429", "tax_types": {"S 20": "NOPE"}, "process_method": "tracked"}
    house.settings |= {"cogs_account": "200", "inventory_asset_account": "200"}
    house.organisation.lock_books(period=date(2026, 12, 1))

    with house.open() as destination:
        wrong = {check.name: check for check in destination.check() if not check.ok}

    expected = {"contact", "sales_account", "cogs_account", "inventory_asset_account", "tax S at 20 %", "lock date"}
    assert expected <= wrong.keys()
    assert all(check.next_step for check in wrong.values())


def test_the_check_of_a_lost_consent_says_how_to_connect(house: XeroHouse) -> None:
    house.xero.identity.connections.clear()

    with house.open() as destination:
        [check] = destination.check()

    assert (check.name, check.ok) == ("connection", False)
    assert "billhook connect xero" in check.next_step


def test_a_preview_shows_the_body_and_both_totals_and_sends_nothing(house: XeroHouse) -> None:
    house.settings |= {"process_method": "tracked", "cogs_account": "310", "inventory_asset_account": "630"}

    with house.open() as destination:
        shown = destination.preview(house.consignments([an_invoice()])[0])

    assert '"InvoiceNumber": "INV-000001"' in shown
    assert "PUT /PurchaseOrders" in shown
    assert "Xero will come to: net 16.00, tax 3.20, total 19.20" in shown
    assert not any(call.method == "PUT" for call in house.xero.calls.entries)


def test_the_books_are_read_with_their_states(house: XeroHouse) -> None:
    house.deliver(*map(an_invoice, (1, 2)))
    house.organisation.tables["Invoices"].save({**house.invoice("INV-000002"), "Status": "VOIDED"})

    with house.open_ledger() as ledger:
        found = {document.number: (document.type, document.state, document.total) for document in ledger.documents(None)}

    assert found == {"INV-000001": ("invoice", "open", Decimal("19.20")), "INV-000002": ("invoice", "voided", Decimal("19.20"))}


def test_only_what_changed_is_read_where_a_time_is_given(house: XeroHouse) -> None:
    house.deliver(an_invoice(1))
    since = house.clock.now()
    house.clock.advance(minutes=5)
    house.deliver(an_invoice(2))

    with house.open_ledger() as ledger:
        found = [document.number for document in ledger.documents(since)]

    assert found == ["INV-000002"]


def test_comparing_the_books_leaves_the_last_calls_of_the_day_to_documents(house: XeroHouse) -> None:
    house.deliver(an_invoice(1))
    house.xero.limits.use_up_day(house.organisation.tenant_id, remaining=51)
    house.deliver(an_invoice(2))

    with house.open_ledger() as ledger, pytest.raises(Exception, match="day"):
        list(ledger.documents(None))

    assert all_delivered(house.deliver(an_invoice(3)))


def test_an_integration_that_nobody_connected_says_so(house: XeroHouse) -> None:
    with house.units_of_work() as uow:
        connection = uow.connections.find("501/xero")
        uow.connections.save(replace(connection, tokens=None, state=type(connection.state).NOT_CONNECTED), house.clock.now())
        uow.commit()

    with pytest.raises(DomainError) as error:
        house.deliver(an_invoice())

    assert error.value.code == "needs_reauth"


def test_the_contact_and_account_names_of_the_test_are_those_of_the_fake(house: XeroHouse) -> None:
    assert CONTACT in {contact["Name"] for contact in house.organisation.contacts}
    assert Account("200", "Sales", "REVENUE", "OUTPUT2") in house.organisation.settings.accounts


def test_a_scope_that_the_consent_lacks_is_named_with_the_command(house: XeroHouse) -> None:
    """Nothing else would show it before the first PDF: no question of the check needs the scope of attachments."""
    house.settings["attach_pdf"] = True
    with house.units_of_work() as uow:
        connection = uow.connections.lock(PATH)
        assert connection is not None
        uow.connections.save(replace(connection, scopes=tuple(DEFAULT_SCOPES[:-1])), house.clock.now())
        uow.commit()

    with house.open() as destination:
        [check] = [each for each in destination.check() if each.name == "scopes"]

    assert not check.ok
    assert "accounting.attachments" in check.detail
    assert "billhook connect xero --company 501" in check.next_step


def test_contacts_that_differ_only_in_case_are_left_to_a_person(house: XeroHouse) -> None:
    """Where none is exactly the one that is meant; an exact one is taken before any other."""
    house.organisation.add_contact(CONTACT.upper())
    assert all_delivered(house.deliver(an_invoice(1)))
    house.settings["contact_name"] = CONTACT.lower()

    outcome = refusal(house, an_invoice(2))

    assert outcome.code == "contact_ambiguous"
    assert "2 contacts" in outcome.text
    assert house.invoice()["Contact"]["Name"] == CONTACT


def test_without_an_account_for_roundings_nothing_is_booked_elsewhere(house: XeroHouse) -> None:
    """A document that needs no such line goes."""
    accounts = tuple(each for each in house.organisation.settings.accounts if each.system != "ROUNDING")
    house.organisation.settings = replace(house.organisation.settings, accounts=accounts)

    outcome = refusal(house, an_invoice_of(1, "0.03", "0.03", "0.03"))

    assert outcome.code == "no_rounding_account"
    assert all_delivered(house.deliver(an_invoice(2)))


@pytest.mark.parametrize(("lock", "code"), [(date(2026, 11, 21), "period_locked"), (date(2026, 11, 20), "")])
def test_the_lock_date_is_the_last_day_that_is_closed(house: XeroHouse, lock: date, code: str) -> None:
    """The invoice is of the 21st."""
    house.organisation.lock_books(end_of_year=lock)

    [outcome] = house.deliver(an_invoice())

    assert getattr(outcome, "code", "") == code
    assert house.handed_over == ({} if code else {1: 1})


def test_a_draft_is_not_marked_as_sent(house: XeroHouse) -> None:
    """Xero would refuse it."""
    house.settings |= {"sent_to_contact": True, "invoice_status": "draft"}

    assert all_delivered(house.deliver(an_invoice()))

    assert house.invoice()["SentToContact"] is False


def test_the_check_sees_what_somebody_changed_just_now(house: XeroHouse) -> None:
    """Although deliveries read it once an hour; and what is left of the day, to the last call."""
    house.deliver(an_invoice())
    house.organisation.lock_books(period=date(2026, 12, 1))
    house.xero.limits.use_up_day(house.organisation.tenant_id, remaining=6)
    house.clock.advance(seconds=1)

    with house.open() as destination:
        wrong = {check.name: check for check in destination.check() if not check.ok}

    assert wrong.keys() == {"lock date", "calls left today"}
    assert "day_limit" in wrong["calls left today"].next_step


def test_the_check_names_a_currency_that_xero_does_not_have(house: XeroHouse) -> None:
    """The company's own."""
    house.organisation = house.xero.add_organisation("Boutique SARL", "EUR", ("EUR",))
    house.organisation.add_contact(CONTACT)
    house.connect()

    with house.open() as destination:
        wrong = {check.name: check for check in destination.check() if not check.ok}

    assert wrong["currencies"].next_step == "Add GBP in Xero (Settings, Currencies)."

"""Invoices keep to Xero's rules and arithmetic."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes.clock import SetClock
from tests.fakes.xero import FakeXero, TaxRate
from tests.fakes.xero.chart import TAX_RATES
from tests.fakes.xero.client import Client, refusals
from tests.fakes.xero.samples import contact_of, invoice, line


def test_tax_is_rounded_on_every_line(fake_xero: FakeXero) -> None:
    """Xero's own example: 25.06 + 25.61 + 25.63 at 15 % is 11.44 of tax, not the 11.45 of the sum."""
    rate = TaxRate("TAX001", "15%", Decimal("15.0000"))
    organisation = fake_xero.add_organisation(tax_rates=[*TAX_RATES, rate])
    client = Client(fake_xero, organisation, fake_xero.connect(fake_xero.add_app(), organisation).access_token)
    lines = [line(unit, TaxType="TAX001") for unit in (25.06, 25.61, 25.63)]

    created = client.created("Invoices", invoice(organisation, LineItems=lines))

    assert (created["SubTotal"], created["TotalTax"], created["Total"]) == (76.30, 11.44, 87.74)


@pytest.mark.parametrize(
    ("fields", "query", "expected"),
    [
        pytest.param({"Quantity": 3, "UnitAmount": 0.125}, {}, (0.13, 0.39, 0.08), id="unit prices have two decimals"),
        pytest.param({"Quantity": 3, "UnitAmount": 0.125}, {"unitdp": "4"}, (0.125, 0.38, 0.08), id="or four"),
        pytest.param({"Quantity": 1, "UnitAmount": 10.03, "TaxAmount": 2.0}, {}, (10.03, 10.03, 2.0), id="a tax amount is kept"),
        pytest.param({"Quantity": 2, "UnitAmount": 10, "DiscountRate": 12.5}, {}, (10, 17.5, 3.5), id="a discount in percent"),
        pytest.param({"Quantity": 2, "UnitAmount": 10, "DiscountAmount": 0.5}, {}, (10, 19.5, 3.9), id="a discount in money"),
        pytest.param({"Quantity": 1, "UnitAmount": 0.025}, {"unitdp": "4"}, (0.025, 0.03, 0.01), id="half a penny goes up"),
    ],
)
def test_a_line_is_reckoned(client: Client, fields: dict[str, Any], query: dict[str, str], expected: tuple[float, ...]) -> None:
    """Unit price, amount and tax at 20 %."""
    created = client.created("Invoices", invoice(client.organisation, LineItems=[line(**{"unit": 1} | _renamed(fields))]), **query)

    reckoned = created["LineItems"][0]
    assert (reckoned["UnitAmount"], reckoned["LineAmount"], reckoned["TaxAmount"]) == expected


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {("unit" if name == "UnitAmount" else name): value for name, value in fields.items()}


def test_inclusive_amounts_contain_their_tax(client: Client) -> None:
    """120.00 with 20 % is 100.00 and 20.00."""
    created = client.created("Invoices", invoice(client.organisation, LineAmountTypes="Inclusive", LineItems=[line(120)]))

    assert (created["SubTotal"], created["TotalTax"], created["Total"]) == (100, 20, 120)


def test_a_number_is_used_once(client: Client) -> None:
    """PUT creates only; a voided invoice keeps its number, a deleted draft gives it back."""
    created = client.created("Invoices", invoice(client.organisation))
    again = client.put("Invoices", invoice(client.organisation, "acme-1"))
    client.post(f"Invoices/{created['InvoiceID']}", {"Status": "VOIDED"})
    voided = client.put("Invoices", invoice(client.organisation))
    draft = client.created("Invoices", invoice(client.organisation, "ACME-2", Status="DRAFT"))
    client.post(f"Invoices/{draft['InvoiceID']}", {"Status": "DELETED"})

    assert refusals(again) == refusals(voided) == ["Invoice # must be unique."]
    assert client.put("Invoices", invoice(client.organisation, "ACME-2")).status_code == 200


def test_bills_may_share_a_number(client: Client) -> None:
    """Two suppliers number alike."""
    bill = invoice(client.organisation, Type="ACCPAY", LineItems=[line(AccountCode="429", TaxType="INPUT2")])

    assert [client.put("Invoices", bill).status_code for _ in range(2)] == [200, 200]


def test_post_overwrites_a_draft_silently(client: Client) -> None:
    """The trap that makes PUT the way to create."""
    client.created("Invoices", invoice(client.organisation, Status="DRAFT"))

    answer = client.post("Invoices", invoice(client.organisation, Status="DRAFT", LineItems=[line(99)]))

    assert answer.status_code == 200
    assert [record["SubTotal"] for record in client.organisation.invoices] == [Decimal("99.00")]
    assert client.organisation.overwritten() == {"ACME-1": 1}


def test_post_does_not_change_an_approved_invoice(client: Client) -> None:
    """Its lines are final."""
    client.created("Invoices", invoice(client.organisation))

    answer = client.post("Invoices", invoice(client.organisation, LineItems=[line(99)]))

    assert refusals(answer) == ["Invoice not of valid status for modification"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"LineItems": [line(Description="")]}, "Description must be specified for the line."),
        ({"LineItems": [line(Description="x" * 4001)]}, "Description must not be more than 4000 characters long."),
        ({"LineItems": [line(AccountCode="999")]}, "Account code '999' is not a valid code for this document. Account must be valid."),
        ({"LineItems": [line(AccountCode="090")]}, "Account code '090' is not a valid code for this document. Account must be valid."),
        ({"LineItems": [line(AccountCode="610")]}, "Account code '610' is not a valid code for this document. Account must be valid."),
        (
            {"LineItems": [line(AccountCode="630", TaxType="NONE")]},
            "Account code '630' is an inventory account. It can only be used by tracked inventory items.",
        ),
        ({"LineItems": [line(TaxType="VAT20")]}, "The TaxType code 'VAT20' does not exist. Tax rate must be valid."),
        ({"LineItems": [line(TaxType="SROUTPUT")]}, "The TaxType code 'SROUTPUT' does not exist. Tax rate must be valid."),
        ({"LineItems": [line(TaxType="INPUT2")]}, "The TaxType code 'INPUT2' cannot be used with account code '200'."),
        ({"LineItems": [line(LineAmount=10.01)]}, "The line total 10.01 does not match the expected line total 10.00"),
        ({"LineItems": [line(-5)]}, "The document total must not be less than zero."),
        ({"CurrencyCode": "NZD"}, "Users Organisation is not subscribed to currency NZD"),
        ({"DueDate": None}, "DueDate must be specified for an authorised invoice."),
        ({"Contact": {}}, "A Contact must be specified for this type of transaction."),
        ({"Status": "DRAFT", "SentToContact": True}, "Invoice cannot be marked as sent unless it is approved."),
        ({"Status": "PAID"}, "Invoice not of valid status for modification"),
        ({"InvoiceNumber": "x" * 256}, "InvoiceNumber must not be more than 255 characters long."),
        ({"Url": "https://go.xero.com/1"}, "The Url must not contain 'xero'."),
    ],
)
def test_a_wrong_invoice_is_refused_with_its_reason(fake_xero: FakeXero, fields: dict[str, Any], message: str) -> None:
    """And nothing is kept. The contract is not asked here: what it refuses by itself, the fake refuses too."""
    with FakeXero(fake_xero.clock) as unchecked:
        organisation = unchecked.add_organisation()
        client = Client(unchecked, organisation, unchecked.connect(unchecked.add_app(), organisation).access_token)
        document = {name: value for name, value in invoice(organisation, **fields).items() if value is not None}

        answer = client.put("Invoices", document)

        assert refusals(answer) == [message]
        assert organisation.invoices == []


@pytest.mark.parametrize("tax_type", ["ZERORATEDOUTPUT", "ECZROUTPUT", "ECZROUTPUTSERVICES", "EXEMPTOUTPUT", "NONE"])
def test_nothing_is_taxed_in_several_ways(client: Client, tax_type: str) -> None:
    """Each of them is 0 %: which one it is, only the configuration can say."""
    assert client.created("Invoices", invoice(client.organisation, LineItems=[line(TaxType=tax_type)]))["TotalTax"] == 0


def test_locked_periods_take_no_documents(fake_xero: FakeXero, client: Client) -> None:
    """The lock day itself is locked."""
    client.organisation.lock_books(period=date(2026, 11, 20))

    refused = client.put("Invoices", invoice(client.organisation, Date="2026-11-20"))
    accepted = client.put("Invoices", invoice(client.organisation, Date="2026-11-21"))

    assert refusals(refused) == ["The document date cannot be before the period lock date 20 November 2026"]
    assert accepted.status_code == 200
    assert "PeriodLockDate" in client.get("/Organisation").json()["Organisations"][0]


def test_a_draft_is_approved_and_then_voided(client: Client) -> None:
    """By its status alone; the lines stay."""
    created = client.created("Invoices", invoice(client.organisation, Status="DRAFT"))
    path = f"Invoices/{created['InvoiceID']}"

    statuses = [client.post(path, {"Status": status}) for status in ("AUTHORISED", "DRAFT", "VOIDED", "AUTHORISED")]

    assert [answer.status_code for answer in statuses] == [200, 400, 200, 400]
    assert client.organisation.invoices[0]["Status"] == "VOIDED"
    assert len(client.organisation.invoices[0]["LineItems"]) == 1


def test_an_approved_invoice_over_nothing_is_paid(client: Client) -> None:
    """There is nothing to wait for."""
    assert client.created("Invoices", invoice(client.organisation, LineItems=[line(0)]))["Status"] == "PAID"


def test_lists_have_lines_only_on_pages(client: Client) -> None:
    """The trap of comparing what was listed with what was sent."""
    created = client.created("Invoices", invoice(client.organisation))

    listed = client.get("/Invoices", InvoiceNumbers="ACME-1").json()["Invoices"][0]
    paged = client.get("/Invoices", InvoiceNumbers="ACME-1", page="1").json()
    single = client.get(f"/Invoices/{created['InvoiceID']}").json()["Invoices"][0]

    assert listed["LineItems"] == []
    assert len(paged["Invoices"][0]["LineItems"]) == len(single["LineItems"]) == 1
    assert paged["pagination"] == {"page": 1, "pageSize": 100, "pageCount": 1, "itemCount": 1}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"InvoiceNumbers": "ACME-1,ACME-3"}, ["ACME-1", "ACME-3"]),
        ({"where": 'Type=="ACCREC" AND Reference=="ORDER-2"'}, ["ACME-2"]),
        ({"where": 'Reference="order-2"'}, ["ACME-2"]),
        ({"where": "Date>=DateTime(2026,11,22)"}, ["ACME-3"]),
        ({"Statuses": "DRAFT"}, ["ACME-2"]),
        ({"searchTerm": "acme"}, ["ACME-1", "ACME-2", "ACME-3"]),
        ({"page": "2", "pageSize": "2"}, ["ACME-3"]),
    ],
)
def test_invoices_are_found(client: Client, query: dict[str, str], numbers: list[str]) -> None:
    """By each of the filters."""
    organisation = client.organisation
    days = {"Date": "2026-11-22"}
    client.put("Invoices", invoice(organisation), invoice(organisation, "ACME-2", Status="DRAFT", Reference="ORDER-2"))
    client.put("Invoices", invoice(organisation, "ACME-3", **days))

    assert [found["InvoiceNumber"] for found in client.get("/Invoices", **query).json()["Invoices"]] == numbers


def test_an_unreadable_filter_is_refused(client: Client) -> None:
    """A quote that nobody escaped."""
    answer = client.get("/Invoices", where='Reference=="5" caps"')

    assert (answer.status_code, answer.json()["Type"]) == (400, "QueryParseException")


def test_only_what_changed_is_listed(client: Client, xero_clock: SetClock) -> None:
    """``If-Modified-Since``, to the second."""
    client.created("Invoices", invoice(client.organisation))
    xero_clock.advance(seconds=1)
    client.created("Invoices", invoice(client.organisation, "ACME-2"))

    answer = client.call("GET", "/Invoices", headers={"If-Modified-Since": "2026-11-21T12:00:00"})

    assert [found["InvoiceNumber"] for found in answer.json()["Invoices"]] == ["ACME-2"]


def test_moments_are_milliseconds_and_days_come_twice(client: Client) -> None:
    """As Xero writes them."""
    created = client.created("Invoices", invoice(client.organisation))

    assert created["UpdatedDateUTC"] == "/Date(1795262400000+0000)/"
    assert (created["Date"], created["DateString"]) == ("/Date(1795219200000+0000)/", "2026-11-21T00:00:00")


def test_a_document_without_a_day_is_of_today_where_the_organisation_is(fake_xero: FakeXero, xero_clock: SetClock) -> None:
    """Not of the day in UTC."""
    xero_clock.advance(hours=11, minutes=30)
    organisation = fake_xero.add_organisation(time_zone="Pacific/Auckland")
    client = Client(fake_xero, organisation, fake_xero.connect(fake_xero.add_app(), organisation).access_token)
    document = invoice(organisation)
    del document["Date"]

    assert client.created("Invoices", document)["DateString"] == "2026-11-22T00:00:00"


def test_files_are_put_beside_an_invoice(client: Client) -> None:
    """One of the same name stays beside the first."""
    created = client.created("Invoices", invoice(client.organisation))
    path = f"/Invoices/{created['InvoiceID']}/Attachments"

    for content in (b"%PDF-1", b"%PDF-2"):
        client.upload(f"{path}/ACME-1%20copy.pdf", content, "application/pdf", IncludeOnline="true")

    assert [(file.name, file.content, file.include_online) for file in client.organisation.attachments] == [
        ("ACME-1 copy.pdf", b"%PDF-1", True),
        ("ACME-1 copy.pdf", b"%PDF-2", True),
    ]
    assert client.get(path).json()["Attachments"][0]["ContentLength"] == 6


def test_who_forgets_the_accept_header_gets_xml(client: Client) -> None:
    """That is Xero's default."""
    answer = client.call("GET", "/Currencies", headers={"Accept": "*/*"})

    assert answer.headers["Content-Type"].startswith("text/xml")


def test_fields_beside_a_contacts_id_change_the_contact(client: Client) -> None:
    """The trap of sending more than the id."""
    contact = contact_of(client.organisation)

    client.created("Invoices", invoice(client.organisation, Contact={**contact, "EmailAddress": "new@acme.example"}))

    assert client.organisation.contacts[0]["EmailAddress"] == "new@acme.example"


@pytest.mark.parametrize(("amount", "status", "due"), [(None, "PAID", "0"), ("5.00", "AUTHORISED", "7.00")])
def test_a_paid_invoice_cannot_be_voided(client: Client, amount: str | None, status: str, due: str) -> None:
    """Not even where a part was paid."""
    created = client.created("Invoices", invoice(client.organisation))

    paid = client.organisation.pay("ACME-1", amount)
    answer = client.post(f"Invoices/{created['InvoiceID']}", {"Status": "VOIDED"})

    assert (paid["Status"], paid["AmountDue"]) == (status, Decimal(due))
    assert answer.status_code == 400


def test_a_foreign_document_has_the_rate_of_the_day_unless_it_names_one(client: Client) -> None:
    """A client must not take it for 1."""
    usual = client.created("Invoices", invoice(client.organisation, CurrencyCode="EUR"))
    named = client.created("Invoices", invoice(client.organisation, "ACME-2", CurrencyCode="EUR", CurrencyRate=1.25))

    assert (usual["CurrencyRate"], named["CurrencyRate"]) == (1.173456, 1.25)

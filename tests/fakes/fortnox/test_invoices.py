import pytest

from tests.fakes.fortnox import FakeFortnox
from tests.fakes.fortnox.caller import Caller, code_of
from tests.fakes.fortnox.invoices import ocr


def row(**fields: object) -> dict[str, object]:
    return {"Description": "Mugg", "DeliveredQuantity": "1", "Price": 100, "VAT": 25} | fields


@pytest.fixture(autouse=True)
def customer(caller: Caller) -> dict[str, object]:
    """The customer of every invoice here."""
    return caller.customer(
        CustomerNumber="C1",
        Address1="Storgatan 1",
        City="Växjö",
        CountryCode="SE",
        Email="inkop@ake.example",
        EmailInvoice="faktura@ake.example",
        TermsOfPayment="10",
        YourReference="Åke",
    )


def test_an_invoice_takes_from_the_customer_what_it_does_not_name(caller: Caller) -> None:
    """Address, terms, references and the address for mail."""
    invoice = caller.invoice(CustomerNumber="C1", InvoiceDate="2026-11-01")

    assert [invoice[name] for name in ("CustomerName", "Address1", "City", "Country")] == [
        "Åkes Cykel AB",
        "Storgatan 1",
        "Växjö",
        "Sverige",
    ]
    assert (invoice["TermsOfPayment"], invoice["DueDate"], invoice["YourReference"]) == ("10", "2026-11-11", "Åke")
    assert invoice["EmailInformation"]["EmailAddressTo"] == "faktura@ake.example"
    assert (invoice["Booked"], invoice["Sent"], invoice["Cancelled"]) == (False, False, False)


def test_documents_are_numbered_in_order(caller: Caller) -> None:
    """A refused one takes no number."""
    first = caller.invoice(CustomerNumber="C1")
    caller.post("invoices", {"Invoice": {"CustomerNumber": "C1", "Currency": "JPY"}})
    second = caller.invoice(CustomerNumber="C1")

    assert [first["DocumentNumber"], second["DocumentNumber"]] == ["1", "2"]
    assert first["@url"].endswith("/3/invoices/1")


@pytest.mark.parametrize(("number", "reference"), [("26", "2642"), ("31", "3145"), ("32", "3244"), ("37", "3749")])
def test_the_payment_reference_is_as_recorded(number: str, reference: str) -> None:
    """The number, its length, a check digit."""
    assert ocr(number) == reference


def test_prices_and_quantities_are_rounded_half_up_without_a_word(caller: Caller) -> None:
    """As recorded: 1.123 becomes 1.12 and 1.125 becomes 1.13."""
    rows = [row(DeliveredQuantity="1.123", Price=1.125), row(DeliveredQuantity="1.125", Price=1.123)]

    kept = caller.invoice(CustomerNumber="C1", InvoiceRows=rows)["InvoiceRows"]

    assert [(line["DeliveredQuantity"], line["Price"]) for line in kept] == [("1.12", 1.13), ("1.13", 1.12)]


def test_vat_is_rounded_for_each_row(caller: Caller) -> None:
    """Three times 0.02 at 25 % is 0.03 (three times 0.005, half up), where a rate's sum would give 0.02."""
    invoice = caller.invoice(CustomerNumber="C1", InvoiceRows=[row(Price=0.02)] * 3)

    assert (invoice["Net"], invoice["TotalVAT"], invoice["Total"]) == (0.06, 0.03, 0.09)


def test_prices_may_include_vat(caller: Caller) -> None:
    """The net is what remains."""
    invoice = caller.invoice(CustomerNumber="C1", VATIncluded=True, InvoiceRows=[row(Price=125)])

    assert (invoice["Net"], invoice["TotalVAT"], invoice["Total"]) == (100, 25, 125)
    assert (invoice["InvoiceRows"][0]["Total"], invoice["InvoiceRows"][0]["TotalExcludingVAT"]) == (125, 100)


@pytest.mark.parametrize(("discount", "kind", "net"), [(10, "PERCENT", 180), (50, "AMOUNT", 150)])
def test_discounts_are_a_percentage_or_an_amount_of_the_row(caller: Caller, discount: int, kind: str, net: int) -> None:
    """Before VAT."""
    rows = [row(DeliveredQuantity="2", Discount=discount, DiscountType=kind)]

    assert caller.invoice(CustomerNumber="C1", InvoiceRows=rows)["Net"] == net


def test_freight_and_fee_carry_vat_of_their_own(caller: Caller) -> None:
    """On top of the rows."""
    invoice = caller.invoice(CustomerNumber="C1", Freight=50, AdministrationFee=10, InvoiceRows=[row()])

    assert (invoice["Net"], invoice["TotalVAT"], invoice["Total"]) == (100, 40, 200)
    assert (invoice["FreightVAT"], invoice["AdministrationFeeVAT"]) == (12.5, 2.5)


def test_a_company_that_rounds_to_whole_kronor_shows_the_difference(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Only in kronor."""
    fake_fortnox.companies["1000"].whole_krona = True

    kronor = caller.invoice(CustomerNumber="C1", InvoiceRows=[row(Price=99.9)])
    euros = caller.invoice(CustomerNumber="C1", Currency="EUR", InvoiceRows=[row(Price=99.9)])

    assert (kronor["Total"], kronor["RoundOff"], kronor["TotalToPay"]) == (125, 0.12, 125)
    assert (euros["Total"], euros["RoundOff"], euros["CurrencyRate"]) == (124.88, 0, 11.25)


def test_a_reverse_charge_customer_is_invoiced_without_vat(caller: Caller) -> None:
    """Whatever the row says; its sales go to another account."""
    caller.customer(CustomerNumber="NL", VATType="EUREVERSEDVAT", VATNumber="NL123456789B01")

    invoice = caller.invoice(CustomerNumber="NL", InvoiceRows=[row(VAT=25)])

    assert (invoice["TotalVAT"], invoice["InvoiceRows"][0]["VAT"], invoice["InvoiceRows"][0]["AccountNumber"]) == (0, 0, 3108)


def test_a_rate_that_the_company_does_not_have_is_refused(caller: Caller) -> None:
    """In these words."""
    answer = caller.post("invoices", {"Invoice": {"CustomerNumber": "C1", "InvoiceRows": [row(VAT=21)]}})

    assert (answer.status_code, answer.json()["ErrorInformation"]["message"]) == (400, "Kunde inte hämta/hitta moms.")


def test_with_easy_vat_another_rate_needs_an_account(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """2004167."""
    fake_fortnox.companies["1000"].easy_vat = True

    assert code_of(caller.post("invoices", {"Invoice": {"CustomerNumber": "C1", "InvoiceRows": [row(VAT=21)]}})) == (400, 2004167)
    assert caller.invoice(CustomerNumber="C1", InvoiceRows=[row(VAT=21, AccountNumber=3010)])["TotalVAT"] == 21


def test_a_vat_code_decides_the_rate(caller: Caller) -> None:
    """MP2 is 12 %."""
    rows = [{"Description": "Bok", "DeliveredQuantity": "1", "Price": 100, "VATCode": "MP2"}]

    assert caller.invoice(CustomerNumber="C1", InvoiceRows=rows)["TotalVAT"] == 12


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"CustomerNumber": "none"}, 2000433),
        ({"CustomerNumber": "C1", "Currency": "JPY"}, 2004344),
        ({"CustomerNumber": "C1", "TermsOfPayment": "77"}, 2000429),
        ({"CustomerNumber": "C1", "InvoiceRows": [row(ArticleNumber="none")]}, 2001302),
        ({"CustomerNumber": "C1", "InvoiceRows": [row(Unit="låda")]}, 2000432),
        ({"CustomerNumber": "C1", "InvoiceRows": [row(DeliveredQuantity="two")]}, 2000108),
        ({"CustomerNumber": "C1", "InvoiceRows": [row(Description="Mugg 😀")]}, 2000359),
    ],
)
def test_what_an_invoice_names_must_exist_and_be_well_formed(caller: Caller, fields: dict[str, object], code: int) -> None:
    """Each with its own code, and nothing is created."""
    assert code_of(caller.post("invoices", {"Invoice": fields})) == (400, code)
    assert caller.get("invoices").json()["Invoices"] == []


@pytest.mark.parametrize("rows", [[row(Description="x" * 256)], [row()] * 501])
def test_rows_have_limits(caller: Caller, rows: list[object]) -> None:
    """255 characters of text, 500 rows."""
    assert caller.post("invoices", {"Invoice": {"CustomerNumber": "C1", "InvoiceRows": rows}}).status_code == 400


def test_a_row_takes_from_its_article_what_it_does_not_name(caller: Caller) -> None:
    """Text and VAT."""
    line = caller.invoice(CustomerNumber="C1", InvoiceRows=[{"ArticleNumber": "T-1", "DeliveredQuantity": "1"}])["InvoiceRows"][0]

    assert (line["Description"], line["VAT"], line["Price"]) == ("Tröja", 25, 0)


def test_rows_of_a_change_are_the_full_truth_and_get_new_ids(caller: Caller) -> None:
    """A row that is named by its id stays, the others vanish."""
    first, second = caller.invoice(CustomerNumber="C1", InvoiceRows=[row(), row(Description="Tröja")])["InvoiceRows"]

    changed = caller.put("invoices/1", {"Invoice": {"InvoiceRows": [{"RowId": second["RowId"], "Price": 80}]}}).json()["Invoice"]

    assert [(line["Description"], line["Price"]) for line in changed["InvoiceRows"]] == [("Tröja", 80)]
    assert changed["InvoiceRows"][0]["RowId"] not in {first["RowId"], second["RowId"]}
    assert changed["Net"] == 80


def test_a_bookkept_invoice_is_locked_and_can_only_be_credited(caller: Caller) -> None:
    """The credit invoice turns the quantities round."""
    caller.invoice(CustomerNumber="C1", InvoiceRows=[row()])

    bookkept = caller.put("invoices/1/bookkeep").json()["Invoice"]
    refused = [caller.put("invoices/1", {"Invoice": {"Remarks": "x"}}), caller.put("invoices/1/cancel"), caller.put("invoices/1/bookkeep")]
    credited = caller.put("invoices/1/credit").json()["Invoice"]

    assert (bookkept["Booked"], bookkept["VoucherNumber"]) == (True, 1)
    assert [answer.status_code for answer in refused] == [400, 400, 400]
    assert credited["CreditInvoiceReference"] == "2"
    new = caller.get("invoices/2").json()["Invoice"]
    assert (new["Total"], new["Credit"], new["CreditInvoiceReference"]) == (-125, "true", "1")


def test_an_invoice_that_is_not_bookkept_can_be_cancelled_and_not_credited(caller: Caller) -> None:
    """The other way round."""
    caller.invoice(CustomerNumber="C1")

    assert caller.put("invoices/1/credit").status_code == 400
    assert caller.put("invoices/1/cancel").json()["Invoice"]["Cancelled"] is True
    assert caller.put("invoices/1", {"Invoice": {"Remarks": "x"}}).status_code == 400


def test_drafts_and_rows_without_text_cannot_be_bookkept(caller: Caller) -> None:
    """Each with its code."""
    caller.invoice(CustomerNumber="C1", NotCompleted=True)
    caller.invoice(CustomerNumber="C1", InvoiceRows=[row(Description="")])

    assert code_of(caller.put("invoices/1/bookkeep")) == (400, 2003498)
    assert code_of(caller.put("invoices/2/bookkeep")) == (400, 2003977)


def test_nothing_is_dated_into_a_locked_period(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Neither made nor bookkept."""
    company = fake_fortnox.companies["1000"]
    caller.invoice(CustomerNumber="C1", InvoiceDate="2026-10-31")
    company.locked_until = company.today().replace(year=2026, month=10, day=31)

    assert caller.post("invoices", {"Invoice": {"CustomerNumber": "C1", "InvoiceDate": "2026-10-31"}}).status_code == 400
    assert caller.put("invoices/1/bookkeep").status_code == 400
    assert caller.get("settings/lockedperiod").json() == {"LockedPeriod": {"EndDate": "2026-10-31"}}


def test_reading_some_addresses_sends_the_invoice_each_time(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """Mail goes out twice when the address is read twice; a preview changes nothing."""
    caller.invoice(CustomerNumber="C1", ExternalInvoiceReference1="key-1", EmailInformation={"EmailBody": "Hej"})
    preview = caller.get("invoices/1/preview")
    sent_before = caller.get("invoices/1").json()["Invoice"]["Sent"]

    caller.get("invoices/1/email")
    caller.get("invoices/1/email")
    caller.get("invoices/1/print")

    assert (preview.headers["Content-Type"], sent_before) == ("application/pdf", False)
    assert [(mail.number, mail.to, mail.subject, mail.body) for mail in fake_fortnox.emails_sent] == [
        ("1", "faktura@ake.example", "Faktura 1 bifogas", "Hej"),
        ("1", "faktura@ake.example", "Faktura 1 bifogas", "Hej"),
    ]
    assert [effect.kind for effect in fake_fortnox.effects() if effect.resource == "invoices"] == [
        "created",
        "emailed",
        "emailed",
        "printed",
    ]
    assert {effect.key for effect in fake_fortnox.effects("emailed")} == {"key-1"}


def test_an_external_print_marks_the_invoice_sent_and_sends_nothing(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """For documents that we deliver ourselves."""
    caller.invoice(CustomerNumber="C1")

    assert caller.put("invoices/1/externalprint").json()["Invoice"]["Sent"] is True
    assert fake_fortnox.emails_sent == []


def test_an_invoice_without_any_address_is_not_mailed(caller: Caller, fake_fortnox: FakeFortnox) -> None:
    """400, and it stays unsent."""
    caller.customer(CustomerNumber="C2")
    caller.invoice(CustomerNumber="C2")

    assert caller.get("invoices/1/email").status_code == 400
    assert (fake_fortnox.emails_sent, fake_fortnox.companies["1000"].invoices["1"]["Sent"]) == ([], False)

"""The fields that come over without a word (seed 003), and what a map may do with each: a default, a forced value, a table, conditions.

On both vendors' own names: what somebody entered in one system, and what stands in the other.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from application.use_cases.run_flow import RunFlow
from domain.companies.flow import Flow, FlowDocument
from tests.integration.accounting.two_books import TENANT, TO_FORTNOX, TO_JORTT, TwoBooks

ANNA = {
    "is_private": True,
    "customer_name": "Anna de Vries",
    "first_name": "Anna",
    "last_name": "de Vries",
    "email": "anna@example.com",
    "address_street": "Herengracht 17-B",
    "address_postal_code": "1015 BA",
    "address_city": "Amsterdam",
    "address_country_code": "NL",
}
BUTIK = {
    "CustomerNumber": "12",
    "Name": "Nordbutik AB",
    "YourReference": "Åsa Öberg",
    "Type": "COMPANY",
    "Email": "inkop@nordbutik.example",
    "Address1": "Kungsgatan 2",
    "ZipCode": "111 43",
    "City": "Stockholm",
    "CountryCode": "SE",
    "Currency": "EUR",
}
DELIVERY = {
    "DeliveryName": "Nordbutiks lager",
    "DeliveryAddress1": "Hamnvägen 9",
    "DeliveryZipCode": "211 20",
    "DeliveryCity": "Malmö",
    "DeliveryCountry": "Sverige",
}


def add_at_jortt(books: TwoBooks) -> str:
    """Two kinds of things for Anna."""
    customer = books.jortt.add_customer(books.organisation, **ANNA)
    line = {"description": "Mok, wit", "quantity": "3", "amount": {"amount": "4.25", "currency": "EUR"}}
    other = {"description": "Bord", "quantity": "1", "amount": {"amount": "9.00", "currency": "EUR"}}
    vat = {"value": "0.21", "category": None}
    return books.jortt.add_invoice(books.organisation, customer, line_items=[{**line, "vat": vat}, {**other, "vat": vat}])


def add_at_fortnox(books: TwoBooks, resource: str = "orders") -> str:
    """Two of an article for a company in Stockholm, delivered to Malmö."""
    if "12" not in books.tenant.customers:
        books.fortnox.set_up(TENANT, "articles", ArticleNumber="MUG-1", Description="Mugg, vit")
        books.fortnox.set_up(TENANT, "customers", **BUTIK)
    rows, quantities = ("OrderRows", {"OrderedQuantity": "2"}) if resource == "orders" else ("InvoiceRows", {})
    row = {"ArticleNumber": "MUG-1", "Description": "Mugg, vit", "DeliveredQuantity": "2", "Price": 12.5, "VAT": 25, **quantities}
    made = books.fortnox.set_up(TENANT, resource, CustomerNumber="12", Currency="EUR", **{rows: [row]}, **DELIVERY)
    return str(made["DocumentNumber"])


def previewed(books: TwoBooks, flow: Flow) -> tuple[dict[str, Any], list[str]]:
    """The message that the only order would become, and the problems; nothing is taken."""
    books.declare(flow)
    report = books.run_flow(RunFlow(flow.name, dry_run=True))
    assert books.deliveries() == []
    return (json.loads(report.taken[0].body) if report.taken else {}), report.problems


def test_every_field_of_the_seed_comes_from_jortt_to_fortnox(books: TwoBooks) -> None:
    """Street and number are one line in both systems; jortt has no other address for deliveries, and no articles."""
    add_at_jortt(books)

    books.round()

    [customer], [order] = books.tenant.customers.values(), books.orders_there()
    assert (customer["Name"], customer["Type"], customer["Email"]) == ("Anna de Vries", "PRIVATE", "anna@example.com")
    address = [customer[name] for name in ("Address1", "ZipCode", "City", "CountryCode")]
    assert address == ["Herengracht 17-B", "1015 BA", "Amsterdam", "NL"]
    rows = [(row["Description"], row["OrderedQuantity"], row["Price"], row["VAT"]) for row in order["OrderRows"]]
    assert rows == [("Mok, wit", "3", 4.25, 21), ("Bord", "1", 9, 21)]
    assert order["Currency"] == "EUR"


@pytest.mark.parametrize("document", [FlowDocument.ORDER, FlowDocument.INVOICE])
def test_every_field_of_the_seed_is_read_at_fortnox(books: TwoBooks, document: FlowDocument) -> None:
    """Of orders and of invoices: name, both addresses, article, quantity, price."""
    add_at_fortnox(books, f"{document}s")

    message, problems = previewed(books, replace(TO_JORTT, document=document))

    assert problems == []
    billing = ("company", "customer_name", "customer_email", "address_1", "postcode", "city", "country_code")
    assert [message[f"billing_{name}"] for name in billing] == [
        *("Nordbutik AB", "Åsa Öberg", "inkop@nordbutik.example", "Kungsgatan 2", "111 43", "Stockholm", "SE")
    ]
    shipping = ("company", "address_1", "postcode", "city", "country")
    assert [message[f"shipping_{name}"] for name in shipping] == ["Nordbutiks lager", "Hamnvägen 9", "211 20", "Malmö", "Sverige"]
    [line] = message["items"]
    assert (line["sku"], line["description"], line["quantity"], line["unit_cost_price"]) == ("MUG-1", "Mugg, vit", "2", "12.5")
    assert (line["sale_vat_rate"], message["currency_code"]) == ("0.25", "EUR")


def test_what_was_read_at_fortnox_stands_in_jortt(books: TwoBooks) -> None:
    """A company with its contact; without articles there, a line carries article and text."""
    add_at_fortnox(books)
    # Sweden's rate is none that a Dutch company may use.
    field_map = {"items[].sale_vat_rate": {"from": "order.items[].sale_vat_rate", "table": {"0.25": "0.21"}}}
    books.declare(replace(TO_JORTT, field_map=field_map))

    books.round()

    assert books.decisions() == {"out-1": "from_flow"}
    assert [each.last_error for each in books.deliveries()] == [""]
    [customer], [invoice] = books.organisation.customers.values(), books.invoices_there()
    assert (customer.fields["is_private"], customer.fields["customer_name"], customer.fields["attn"]) == (
        False,
        "Nordbutik AB",
        "Åsa Öberg",
    )
    address = [customer.fields[f"address_{name}"] for name in ("street", "postal_code", "city", "country_code")]
    assert address == ["Kungsgatan 2", "111 43", "Stockholm", "SE"]
    [line] = invoice["line_items"]
    assert (line["quantity"], line["amount"]["amount"]) == ("2", "12.50")
    assert "MUG-1" in line["description"]
    assert "Mugg, vit" in line["description"]


# Each field of the seed: by its name in the message, where jortt and where Fortnox have it, and what it says there.
SEED = [
    ("billing_customer_name", "record.customer.customer_name", "Anna de Vries", "record.Customer.YourReference", "Åsa Öberg"),
    ("billing_address_1", "record.customer.address_street", "Herengracht 17-B", "record.Address1", "Kungsgatan 2"),
    ("billing_postcode", "record.customer.address_postal_code", "1015 BA", "record.ZipCode", "111 43"),
    ("billing_city", "record.customer.address_city", "Amsterdam", "record.City", "Stockholm"),
    ("billing_country_code", "record.customer.address_country_code", "NL", "record.Customer.CountryCode", "SE"),
    ("shipping_address_1", "record.customer_address_street", "Herengracht 17-B", "record.DeliveryAddress1", "Hamnvägen 9"),
    ("shipping_postcode", "record.customer_address_postal_code", "1015 BA", "record.DeliveryZipCode", "211 20"),
    ("shipping_city", "record.customer_address_city", "Amsterdam", "record.DeliveryCity", "Malmö"),
    ("shipping_country", "record.customer_address_country_code", "NL", "record.DeliveryCountry", "Sverige"),
    ("items[].sku", "record.line_items[].description", "Mok, wit", "record.OrderRows[].ArticleNumber", "MUG-1"),
    ("items[].quantity", "record.line_items[].quantity", "3", "record.OrderRows[].OrderedQuantity", "2"),
    ("items[].unit_cost_price", "record.line_items[].amount.amount", "4.25", "record.OrderRows[].Price", "12.5"),
]
NEW = {"billing_country_code": "DE", "shipping_country": "DE", "items[].quantity": "7", "items[].unit_cost_price": "1.50"}


def found(message: dict[str, Any], field: str) -> str:
    """What a message says; of lines the first."""
    return str(message["items"][0][field.partition("[].")[2]] if field.startswith("items[]") else message[field])


@pytest.mark.parametrize("vendor", ["jortt", "fortnox"])
def test_each_field_of_the_seed_has_a_default_a_forced_value_a_table_and_conditions(books: TwoBooks, vendor: str) -> None:
    """On both vendors' names; each is tried for all fields at once."""
    is_jortt = vendor == "jortt"
    _ = add_at_jortt(books) if is_jortt else add_at_fortnox(books)
    flow = TO_FORTNOX if is_jortt else TO_JORTT
    fields = [(field, path, says) for field, a, b, c, d in SEED for path, says in [(a, b) if is_jortt else (c, d)]]
    lists = {field: ("record.line_items[]." if is_jortt else "record.OrderRows[].") for field, *_ in fields if "[]" in field}

    def new(field: str) -> str:
        return NEW.get(field, "Nieuw")

    def table(says: str, field: str) -> dict[str, str]:
        more = {"Bord": "9", "1": "1", "9.00": "9"} if "[]" in field else {}
        return {**more, says: new(field)}

    ways = {
        "default": {field: {"from": f"{lists.get(field, 'record.')}nothing", "default": new(field)} for field, _, _ in fields},
        "forced": {field: {"from": path, "default": new(field), "force": True} for field, path, _ in fields},
        "table": {field: {"from": path, "table": table(says, field)} for field, path, says in fields},
        "condition": {field: [{"value": new(field), "when": {"path": path, "equals": says}}, path] for field, path, says in fields},
    }
    for way, field_map in ways.items():
        message, problems = previewed(books, replace(flow, field_map=field_map))
        assert problems == [], way
        assert {field: found(message, field) for field, *_ in fields} == {field: new(field) for field, *_ in fields}, way


@pytest.mark.parametrize("vendor", ["jortt", "fortnox"])
def test_a_value_in_no_table_stops_its_order_with_the_value_and_the_table(books: TwoBooks, vendor: str) -> None:
    """Of each field of the seed."""
    is_jortt = vendor == "jortt"
    _ = add_at_jortt(books) if is_jortt else add_at_fortnox(books)
    flow = TO_FORTNOX if is_jortt else TO_JORTT
    for field, a, b, c, d in SEED:
        path, says = (a, b) if is_jortt else (c, d)

        _, [problem] = previewed(books, replace(flow, field_map={field: {"from": path, "table": {"else": "Nieuw"}}}))

        place = field.replace("[]", "[0]")
        assert f"flows[{flow.name}].field_map.{place}: The table has no entry for '{says}'" in problem, problem


def test_terms_of_payment_of_jortt_come_to_fortnox_by_a_table(books: TwoBooks) -> None:
    """The seed's mapping of terms and methods."""
    add_at_jortt(books)
    [invoice] = books.organisation.invoices.values()
    invoice.fields["payment_method"] = "pay_later"
    payment = {"payment_type": {"from": "record.payment_method", "table": {"pay_later": "invoice"}}}
    books.declare(replace(TO_FORTNOX, field_map=payment), fortnox={"payment_methods": {"invoice": "10"}})

    books.round()

    assert [each["TermsOfPayment"] for each in books.orders_there()] == ["10"]


def test_where_orders_become_invoices_the_target_s_own_map_reads_them_as_invoices(books: TwoBooks) -> None:
    """At Fortnox and at jortt: the buyer, the lines, and the order's ref for a number."""
    invoice, order = add_at_jortt(books), books.add_fortnox_order()
    fortnox = {
        "Comments": {"from": "invoice.number"},
        "YourReference": {"from": "buyer.contact", "default": "Inkoop"},
        "Language": {"from": "buyer.address.country", "table": {"NL": "EN"}},
        "InvoiceRows[].AccountNumber": {"from": "lines[].tax_rate", "table": {"0.21": 3001}},
    }
    jortt = {
        "introduction": {"from": "orders[].ref", "functions": ["first"]},
        "customer.invoice_language": {"from": "buyer.address.country", "table": {"NL": "nl"}},
    }
    books.declare(TO_FORTNOX, TO_JORTT, document="invoice", fortnox={"field_map": fortnox}, jortt={"field_map": jortt})

    books.round()

    assert {delivery.state for delivery in books.deliveries()} == {"delivered"}, [each.last_error for each in books.deliveries()]
    [there] = books.tenant.invoices.values()
    assert (there["Comments"], there["YourReference"], there["Language"]) == (f"in-{invoice}", "Inkoop", "EN")
    assert [row["AccountNumber"] for row in there["InvoiceRows"]] == [3001, 3001]
    [came] = [each for each in books.invoices_there() if each["reference"]]
    assert came["introduction"] == f"out-{order}"
    assert [
        each.fields["invoice_language"] for each in books.organisation.customers.values() if each.fields["customer_name"] == "Jan Jansen"
    ] == ["nl"]


@pytest.mark.parametrize(("flow", "price"), [(TO_FORTNOX, "10"), (TO_JORTT, "100")])
def test_a_price_is_shown_as_people_write_it(books: TwoBooks, flow: Flow, price: str) -> None:
    """Never as 1E+2."""
    _ = books.add_jortt_invoice() if flow is TO_FORTNOX else books.add_fortnox_order("100.00")

    message, _ = previewed(books, flow)

    assert [item["unit_cost_price"] for item in message["items"]] == [price]

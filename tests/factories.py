"""Small builders of domain values with sensible defaults: one dispatched order of a British retailer, ready to be invoiced.

Each takes changes by field name, so that a test says only what it is about. By default everything happens inside Great
Britain: ACME Print Ltd (admin company ``acme-print``) sells to Gift Shop Ltd (company ``501``) in GBP at 20 %.
The default order comes to 12.50 (two T-shirts) + 3.50 (shipping) = 16.00 net, 3.20 tax, 19.20 in all.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from application.configuration import Configuration
from application.ports.destination import OrderDocument
from domain.companies.admin_company import AdminCompany, BankAccount
from domain.companies.company import Company
from domain.companies.integration import Integration
from domain.companies.plan import BillTo, Layout, Plan
from domain.invoicing.assemble import assemble_invoice
from domain.invoicing.case import Case, Terms
from domain.invoicing.content import canonical_json, to_content
from domain.invoicing.document import DocumentType, Draft, Issued
from domain.invoicing.number_series import NumberSeries, content_hash
from domain.invoicing.totals import total_lines
from domain.orders.order import Order, OrderLine
from domain.parties import Address, Party
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.price_list import PriceBreak, PriceList
from domain.pricing.price_order import InvoiceLine
from domain.pricing.tax_rates import Supply, TaxRate, TaxRates

TODAY = date(2026, 11, 21)
CREATED_AT = datetime(2026, 11, 1, 10, 0, 5, tzinfo=UTC)
DISPATCHED_AT = datetime(2026, 11, 2, 9, 12, tzinfo=UTC)

# Well formed, check digits and all.
VAT_NUMBERS = {
    "DE": "DE136695976",
    "GB": "GB980780684",
    "GR": "EL094259216",
    "NL": "NL004495445B01",
    "SE": "SE556703748501",
}

STANDARD_RATES = {"DE": "0.19", "GB": "0.20", "GR": "0.24", "NL": "0.21", "SE": "0.25"}


def an_address(**changes: Any) -> Address:
    """A street in Leeds."""
    return replace(Address(line1="1 High Street", city="Leeds", postcode="LS1 1AA", country="GB"), **changes)


def a_party(**changes: Any) -> Party:
    """A consumer at that street, without a VAT number."""
    return replace(Party(name="Zoë Ångström", address=an_address(), email="zoe@example.com"), **changes)


def a_party_in(country: str, *, with_vat_number: bool = False) -> Party:
    """A consumer in a country, or a business there with a valid VAT number (see VAT_NUMBERS)."""
    party = a_party(address=an_address(country=country))
    return replace(party, vat_number=VAT_NUMBERS[country], vat_number_valid=True) if with_vat_number else party


def an_admin_company(**changes: Any) -> AdminCompany:
    """ACME Print Ltd in Leeds, registered for VAT."""
    acme = AdminCompany(
        ref="acme-print",
        name="ACME Print Ltd",
        address=Address(line1="4 Mill Lane", city="Leeds", postcode="LS9 8AB", country="GB"),
        vat_number=VAT_NUMBERS["GB"],
        registration_number="01234567",
        email="accounts@acme.example",
        bank=BankAccount(name="Lloyds", iban="GB33BUKB20201555555555", bic="BUKBGB22"),
    )
    return replace(acme, **changes)


def an_admin_company_in(country: str, **changes: Any) -> AdminCompany:
    """An admin company in another country, with that country's VAT number (see VAT_NUMBERS)."""
    address = an_address(country=country)
    return an_admin_company(ref=f"seller-{country.lower()}", address=address, vat_number=VAT_NUMBERS[country], **changes)


def a_plan(**changes: Any) -> Plan:
    """Enabled, since 2026-01-01, combined, billed to the company, 30 days."""
    return replace(Plan(starting_from=datetime(2026, 1, 1, tzinfo=UTC), timezone="Europe/London"), **changes)


def a_company(**changes: Any) -> Company:
    """Gift Shop Ltd in London, GBP. ``plan`` changes its plan: ``a_company(plan=a_plan(enabled=False))``."""
    shop = Company(
        ref="501",
        admin_company="acme-print",
        name="Gift Shop Ltd",
        address=Address(line1="10 Long Acre", city="London", postcode="WC2E 9LP", country="GB"),
        vat_number="GB220430231",
        vat_number_valid=True,
        email="invoices@giftshop.example",
        currency="GBP",
        plan=a_plan(),
    )
    return replace(shop, **changes)


def a_company_in(country: str, **changes: Any) -> Company:
    """A company in another country, with that country's VAT number (see VAT_NUMBERS)."""
    defaults = {"address": an_address(country=country), "vat_number": VAT_NUMBERS[country], "vat_number_valid": True}
    return a_company(**{**defaults, **changes})


def a_company_billed_per_customer(**changes: Any) -> Company:
    """A company whose end customers get an invoice for each order."""
    return a_company(plan=a_plan(bill_to=BillTo.CUSTOMER, layout=Layout.INDIVIDUAL), **changes)


def an_order_line(**changes: Any) -> OrderLine:
    """Two black T-shirts at 6.25, tax code standard."""
    line = OrderLine(
        ref="90001-1",
        sku="TEE-BLK-M",
        description="T-shirt, black, M",
        quantity=Decimal(2),
        unit_cost_price=Decimal("6.25"),
        sale_vat_rate=Decimal("0.2"),
        tax_code="standard",
        nominal_code="4000",
    )
    return replace(line, **changes)


def an_order(**changes: Any) -> Order:
    """Order 90001 of company 501, dispatched, with one line and shipping of 3.50."""
    order = Order(
        source="oms",
        ref="90001",
        company_ref="501",
        lines=(an_order_line(),),
        external_ref="WEB-1001",
        version=3,
        status=8,
        status_name="Dispatched",
        created_at=CREATED_AT,
        dispatched_at=DISPATCHED_AT,
        payment_status="paid",
        currency="GBP",
        billing=a_party(),
        shipping=a_party(email=""),
        shipping_method="Next Day",
        shipping_price=Decimal("3.50"),
        shipping_tax_rate=Decimal("0.2"),
    )
    return replace(order, **changes)


def a_tax_rate(country: str = "GB", rate: str = "", **changes: Any) -> TaxRate:
    """The standard rate of a country (see STANDARD_RATES), or another one."""
    return replace(TaxRate(country, "standard", Decimal(rate or STANDARD_RATES[country])), **changes)


def tax_rates() -> tuple[TaxRate, ...]:
    """The codes ``standard``, ``zero``, ``exempt`` and ``design`` (a service) in each country of STANDARD_RATES."""
    rates: list[TaxRate] = []
    for country in STANDARD_RATES:
        rates += [
            a_tax_rate(country),
            a_tax_rate(country, "0", tax_code="zero"),
            a_tax_rate(country, "0", tax_code="exempt", exempt_reason="Postal services are exempt"),
            a_tax_rate(country, tax_code="design", supply=Supply.SERVICES),
        ]
    return tuple(rates)


def a_price(sku: str = "TEE-BLK-M", unit_price: str = "6.25", **changes: Any) -> PriceBreak:
    """A price in GBP from one piece on, tax code standard."""
    return replace(PriceBreak("GBP", sku, Decimal(unit_price), tax_code="standard"), **changes)


def terms(
    company: Company | None = None,
    seller: AdminCompany | None = None,
    prices: Iterable[PriceBreak] = (),
    rates: Iterable[TaxRate] | None = None,
) -> Terms:
    """The terms of a company; by default no price list, and the rates of ``tax_rates``."""
    return Terms(
        seller=seller or an_admin_company(),
        company=company or a_company(),
        prices=PriceList(prices),
        rates=TaxRates(tax_rates() if rates is None else rates),
    )


def a_case(order: Order | None = None, under: Terms | None = None, **changes: Any) -> Case:
    """An order under terms, by default the default ones: it is due."""
    return replace(Case(order or an_order(), under or terms()), **changes)


def an_unknown_company_case(order: Order | None = None) -> Case:
    """An order whose company is not configured."""
    return Case(order or an_order(), None)


def an_invoice_line(net: str = "12.50", rate: str = "0.20", category: Category | None = None, **changes: Any) -> InvoiceLine:
    """A line of one piece; the category follows the rate unless given."""
    tax = LineTax(category or (Category.STANDARD if Decimal(rate) else Category.ZERO_RATED), Decimal(rate))
    line = InvoiceLine("90001", "T-shirt, black, M", "TEE-BLK-M", Decimal(1), Decimal(net), Decimal(net), tax, "4000")
    return replace(line, **changes)


def a_draft(*orders: Order, under: Terms | None = None, **changes: Any) -> Draft:
    """The draft of an invoice over the orders, by default one."""
    known = under or terms()
    group = [Case(order, known) for order in orders or (an_order(),)]
    return replace(assemble_invoice(group), **changes)


def a_series(**changes: Any) -> NumberSeries:
    """The invoice series of acme-print, before its first number."""
    return replace(NumberSeries("acme-print", DocumentType.INVOICE, 1), **changes)


def issue(draft: Draft, series: NumberSeries | None = None, today: date = TODAY) -> tuple[Issued, NumberSeries]:
    """Number a draft; the document, and the series after it."""
    content = canonical_json(to_content(draft))
    return (series or a_series()).issue(draft, content_hash(content), "INV-{number:06d}", today)


def an_issued(*orders: Order, under: Terms | None = None, **changes: Any) -> Issued:
    """Invoice INV-000001 over the orders, by default one."""
    issued, _ = issue(a_draft(*orders, under=under))
    return replace(issued, **changes)


def an_integration(**changes: Any) -> Integration:
    """A PDF e-mailer of company 501."""
    settings = {
        "email_from": "accounts@acme.example",
        "email_to": "invoices@giftshop.example",
        "subject_template": "Invoice {{ invoice.number }}",
        "html_template": "<p>Dear {{ company.name }}, please find invoice {{ invoice.number }} attached.</p>",
        "errors_to": "ops@acme.example",
    }
    return replace(Integration(company="501", kind="pdf_emailer", settings=settings), **changes)


def a_configuration(*companies: Company, **changes: Any) -> Configuration:
    """Revision 1 with acme-print, the companies (by default one), their e-mailers and the rates of ``tax_rates``."""
    known = companies or (a_company(),)
    integrations = [an_integration(company=company.ref) for company in known]
    parts: dict[str, Any] = {
        "revision": 1,
        "admin_companies": {"acme-print": an_admin_company()},
        "companies": {company.ref: company for company in known},
        "tax_rates": {country: tuple(rate for rate in tax_rates() if rate.country == country) for country in STANDARD_RATES},
        "integrations": {integration.path: integration for integration in integrations},
    }
    return Configuration(**{**parts, **changes})


def an_item_message(**changes: Any) -> dict[str, Any]:
    """An item as the order management system writes it."""
    item = {
        "id": 1,
        "ref": "90001-1",
        "sku": "TEE-BLK-M",
        "description": "T-shirt, black, M",
        "quantity": 2,
        "unit_cost_price": "6.25",
        "unit_sale_price": "12.50",
        "unit_sale_price_inc_tax": "15.00",
        "sale_vat_rate": "0.2",
        "tax_code": "standard",
        "nominal_code": "4000",
        "attributes": {},
    }
    return {**item, **changes}


def an_order_message(**changes: Any) -> dict[str, Any]:
    """Order 90001 of company 501 as the order management system writes it (DESIGN 4.1); about 1.4 KB as JSON."""
    message = {
        "id": 90001,
        "ref": "90001",
        "external_ref": "WEB-1001",
        "company_ref_id": 501,
        "secondary_company_ref_id": None,
        "status": 8,
        "status_name": "Dispatched",
        "has_error": False,
        "error_message": None,
        "is_free_of_charge": False,
        "sale_datetime": "2026-11-01 10:00:00",
        "creation_datetime": "2026-11-01 10:00:05",
        "dispatch_datetime": "2026-11-02 09:12:00",
        "version": 3,
        "payment_status": "paid",
        "payment_type": "card",
        "currency_code": "GBP",
        "customer_name": "Zoë Ångström",
        "customer_email": "zoe@example.com",
        "billing_company": None,
        "billing_customer_name": "Zoë Ångström",
        "billing_customer_email": "zoe@example.com",
        "billing_vat_number": None,
        "billing_address_1": "1 High Street",
        "billing_address_2": "",
        "billing_postcode": "LS1 1AA",
        "billing_city": "Leeds",
        "billing_country_code": "GB",
        "shipping_company": None,
        "shipping_address_1": "1 High Street",
        "shipping_postcode": "LS1 1AA",
        "shipping_city": "Leeds",
        "shipping_country_code": "GB",
        "shipping_method": "Next Day",
        "shipping_carrier": "Royal Mail",
        "shipping_price": "3.50",
        "shipping_price_inc_tax": "4.20",
        "shipping_tax_rate": "0.2",
        "items": [an_item_message()],
    }
    return {**message, **changes}


def an_order_document(order: Order | None = None, under: Terms | None = None, **fields: Any) -> OrderDocument:
    """Order 90001 on its way to an integration, priced; ``fields`` are changes of its message."""
    case = a_case(order, under)
    totals = total_lines(case.priced.lines, case.priced.currency)
    return OrderDocument(1, case.order, an_order_message(**fields), case.priced, totals)


def an_order_body(**changes: Any) -> bytes:
    """That message as the bytes of one AMQP body."""
    return msgspec.json.encode(an_order_message(**changes))

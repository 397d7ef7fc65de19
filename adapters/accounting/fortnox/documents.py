"""Our documents as Fortnox's (facts: accounting-apis, B2.8, B2.9). The same document always gives the same body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.accounting.fortnox.arithmetic import Sums, add_up, is_expressible, is_fine, row_amount
from adapters.accounting.fortnox.countries import country_name
from adapters.accounting.fortnox.customer_fields import contact_of
from adapters.accounting.fortnox.errors import BY_HAND, DONE_BY_HAND, RETRY
from adapters.accounting.fortnox.overrides import BLANK, Overrides
from adapters.accounting.fortnox.registers import Register
from adapters.accounting.fortnox.sale import ORDERS, Sale
from adapters.accounting.fortnox.settings import FortnoxSettings
from adapters.accounting.fortnox.texts import ORDER_NUMBER_MAX, ROW_MAX, TEXT_MAX, listed, one_line, without_blanks
from application.ports.destination import OrderDocument
from domain.errors import DomainError
from domain.invoicing.totals import Totals
from domain.parties import Party
from domain.pricing.price_order import SHIPPING_SKU, InvoiceLine

ROWS_MAX = 500
ZIP_MAX = 10
_HUNDRED = Decimal(100)
_ROUNDING_TEXT = "Öresavrundning"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A body, and what Fortnox will come to, with the sign it has there."""

    body: Body
    sums: Sums


@dataclass(frozen=True, slots=True)
class DocumentWriter:
    """Writes for one company under one integration's settings."""

    settings: FortnoxSettings
    register: Register

    def write(self, sale: Sale, customer: str, articles: Mapping[str, str], overrides: Overrides) -> Written:
        """``articles`` are Fortnox's numbers by SKU. Raises DomainError where Fortnox would refuse it, or book something else."""
        self._require(sale)
        rows: list[Body] = []
        amounts: list[tuple[Decimal, int]] = []
        for line in sale.lines:
            row, amount = _row(sale, line, articles.get(line.sku, ""))
            rows.append(row)
            amounts.append((amount, row["VAT"]))
        rounding = self._rounding(sale, add_up(amounts))
        if rounding:
            rows.append(_rounding_row(sale, rounding, self.settings.rounding_account))
            amounts.append((rounding, 0))
        _require_room(sale, rows)
        body = {**self._head(sale, customer), sale.resource.rows: rows}
        return Written(overrides.on_document(body, sale.resource.rows), add_up(amounts))

    def _head(self, sale: Sale, customer: str) -> Body:
        head: Body = {
            "CustomerNumber": customer,
            "Currency": sale.currency,
            "ExternalInvoiceReference1": sale.key,
            "ExternalInvoiceReference2": sale.identity,
            "YourOrderNumber": listed(sale.order_refs, ORDER_NUMBER_MAX),
            "YourReference": contact_of(sale.buyer),
            "TermsOfPayment": self._terms(sale),
            "VATIncluded": False,
            # What is left out a customer's own fee, freight and discount would fill in, and the document says what is owed.
            "Freight": 0,
            "AdministrationFee": 0,
            **self._rate(sale.currency),
            **self._dates(sale),
            **self._mail(sale),
            **self._for_a_default_customer(sale),
        }
        if sale.corrects:
            head["Remarks"] = one_line(f"Credit note {sale.key} for invoice {sale.corrects}", TEXT_MAX)
        return {name: value for name, value in head.items() if value not in ("", None)}

    def _dates(self, sale: Sale) -> Body:
        if isinstance(sale.document, OrderDocument):
            # An invoice made of an order is of the day it is made.
            dates = {"OrderDate": sale.day, "DeliveryDate": sale.dispatched_on} if sale.resource is ORDERS else {}
            return {**dates, **_delivery(sale.document.order.shipping)}
        # Fortnox knows the number of an invoice as a reference only: its own is another.
        return {"InvoiceDate": sale.day, "DueDate": sale.due_on}

    def _mail(self, sale: Sale) -> Body:
        to = without_blanks(sale.buyer.email)
        return {"EmailInformation": {"EmailAddressTo": to}} if to and self.settings.is_sent else {}

    def _for_a_default_customer(self, sale: Sale) -> Body:
        """Who the buyer is stands on the document, where all buyers are one customer, with nothing left of that one's own address."""
        if not self.settings.default_customer:
            return {}
        return {"CustomerName": one_line(sale.buyer.name), **{name: text or BLANK for name, text in _address(sale.buyer).items()}}

    def _rate(self, currency: str) -> Body:
        rate = self.settings.currency_rates.get(currency)
        return {} if rate is None else {"CurrencyRate": rate, "CurrencyUnit": 1}

    def _terms(self, sale: Sale) -> str:
        """By the way of payment where a table has it, else by the days. Without a table, the code that is called as the days, if any."""
        by_method = self.settings.payment_methods
        if by_method and isinstance(sale.document, OrderDocument):
            return _mapped(by_method, sale.payment_type, "payment_methods", self.settings.path)
        days = str(sale.terms_days)
        if self.settings.payment_terms:
            return _mapped(self.settings.payment_terms, days, "payment_terms", self.settings.path)
        # The due date is sent in any case.
        return days if self.register.terms is not None and days in self.register.terms else ""

    def _require(self, sale: Sale) -> None:
        if sale.currency not in self.register.currencies:
            step = f"Add {sale.currency} in Fortnox (Register, Valutor)"
            raise DomainError("currency_missing", f"Fortnox does not have the currency {sale.currency}.", step)
        locked = self.register.locked_until
        if locked is not None and sale.day is not None and sale.day <= locked and sale.resource is not ORDERS:
            text = f"{sale.key} is dated {sale.day}, and the books are closed up to {locked}."
            raise DomainError("period_locked", text, f"Open the period in Fortnox, then: {RETRY}. Or {BY_HAND}")

    def _rounding(self, sale: Sale, theirs: Sums) -> Decimal:
        """What must be added, without VAT, for the same total; 0 for nothing. Raises DomainError("totals_differ") beyond the tolerance."""
        ours, tolerance = sale.totals, self.settings.rounding_tolerance
        differences = (ours.net * sale.sign - theirs.net, ours.tax * sale.sign - theirs.tax, ours.total * sale.sign - theirs.total)
        if max(map(abs, differences)) <= tolerance:
            return differences[2]
        text = (
            f"Fortnox would come to another total: the document says {told(ours, sale.sign)}; Fortnox's own arithmetic gives {theirs}. "
            f"The difference is beyond rounding_tolerance ({tolerance})."
        )
        step = f"Raise rounding_tolerance if the difference is only rounding, then: {RETRY}. Else {BY_HAND}"
        raise DomainError("totals_differ", text, step)


def told(totals: Totals, sign: int = 1) -> str:
    """Our figures for people, with the sign they have there."""
    return f"net {totals.net * sign}, tax {totals.tax * sign}, total {totals.total * sign}"


def _row(sale: Sale, line: InvoiceLine, article: str) -> tuple[Body, Decimal]:
    """A row and its net. What 2 decimals cannot say becomes one piece at the line's net, told in words."""
    if not is_fine(line.net):
        text = f"The line {line.sku or line.description!r} comes to {line.net}, and Fortnox keeps 2 decimals."
        raise DomainError("amount_not_expressible", text, DONE_BY_HAND)
    if is_expressible(line.quantity, line.unit_price, line.net):
        quantity, price, words = line.quantity, line.unit_price, ""
    else:
        quantity, price, words = Decimal(1), line.net, f" ({_plain(line.quantity)} x {_plain(line.unit_price)})"
    pieces = _plain(quantity * sale.sign)
    amounts = {"DeliveredQuantity": pieces, "Price": price, "VAT": _percent(line), "Discount": 0}
    row: Body = {"Description": _described(line, article, words), **amounts}
    if article:
        row["ArticleNumber"] = article
    if sale.resource is ORDERS:
        # What is not said to be delivered would not be invoiced.
        row["OrderedQuantity"] = pieces
    return row, row_amount(quantity * sale.sign, price)


def _rounding_row(sale: Sale, amount: Decimal, account: int) -> Body:
    """The customer owes what the issued document says, so Fortnox must come to the same total; the books show the difference."""
    pieces = {"DeliveredQuantity": "1", **({"OrderedQuantity": "1"} if sale.resource is ORDERS else {})}
    return {"Description": _ROUNDING_TEXT, **pieces, "Price": amount, "VAT": 0, "Discount": 0, "AccountNumber": account}


def _require_room(sale: Sale, rows: Sequence[Body]) -> None:
    if len(rows) > ROWS_MAX:
        text = f"{sale.key} has {len(rows)} rows, and Fortnox takes {ROWS_MAX} at most."
        step = f"{DONE_BY_HAND}. A smaller orders_per_invoice_max in the plan keeps the next ones shorter"
        raise DomainError("too_many_rows", text, step)


def _percent(line: InvoiceLine) -> int:
    """The rate as Fortnox takes it. Raises DomainError("vat_rate_not_whole")."""
    percent = line.tax.rate * _HUNDRED
    if percent != percent.to_integral_value():
        text = f"The VAT of {line.sku or line.description!r} is {_plain(percent)} %, and Fortnox takes whole percents."
        raise DomainError("vat_rate_not_whole", text, DONE_BY_HAND)
    return int(percent)


def _described(line: InvoiceLine, article: str, words: str) -> str:
    """The text of a row; the SKU goes in front where no article tells it."""
    sku = "" if article or line.sku in {line.description, SHIPPING_SKU} else line.sku
    text = " ".join(filter(None, (sku, line.description))) or "Item"
    return one_line(text, ROW_MAX - len(words)) + words


def _delivery(party: Party) -> Body:
    address = party.address
    return {
        "DeliveryName": one_line(party.name),
        "DeliveryAddress1": one_line(address.line1),
        "DeliveryAddress2": one_line(address.line2),
        "DeliveryZipCode": one_line(address.postcode)[:ZIP_MAX],
        "DeliveryCity": one_line(address.city),
        "DeliveryCountry": country_name(address.country),
    }


def _address(party: Party) -> Body:
    address = party.address
    return {
        "Address1": one_line(address.line1),
        "Address2": one_line(address.line2),
        "ZipCode": one_line(address.postcode)[:ZIP_MAX],
        "City": one_line(address.city),
        "Country": country_name(address.country),
    }


def _mapped(table: Mapping[str, str], value: str, name: str, path: str) -> str:
    if value in table:
        return table[value]
    text = f"{value!r} is not in the table {name} of {path}; it has {', '.join(table)}."
    raise DomainError("value_unmapped", text, f"Add {value!r} to {name}, and apply")


def _plain(number: Decimal) -> str:
    short = number.to_integral_value() if number == number.to_integral_value() else number.normalize()
    return format(short, "f")

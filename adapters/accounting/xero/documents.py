"""Our documents as Xero's (facts: accounting-apis, B1.11, B1.12, B1.14). The same document always gives the same body."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from adapters.accounting.xero.arithmetic import Sums, add_up, is_expressible, line_amount
from adapters.accounting.xero.chart import Account, Chart
from adapters.accounting.xero.item_codes import item_code
from adapters.accounting.xero.rounding import rounding_amount
from adapters.accounting.xero.settings import XeroSettings
from adapters.accounting.xero.tax_types import TaxTypes
from adapters.accounting.xero.texts import DESCRIPTION_MAX, NUMBER_MAX, one_line, paragraph, reference_of
from domain.errors import DomainError
from domain.invoicing.document import DocumentType, Issued
from domain.pricing.price_order import SHIPPING_SKU, InvoiceLine

_FINE = Decimal("0.0001")
_ONE = Decimal(1)
_NO_TAX = "NONE"
_NOT_ASKABLE = frozenset('",\\')
_ROUNDING_TEXT = "Rounding"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A body, and what Xero will come to. ``rounding`` is the amount of the rounding line, 0 where there is none."""

    body: Body
    sums: Sums
    rounding: Decimal


@dataclass(frozen=True, slots=True)
class DocumentWriter:
    """Writes for one organisation under one integration's settings."""

    settings: XeroSettings
    chart: Chart

    def write(self, document: Issued, contact_id: str) -> Written:
        """An invoice or a credit note. Raises DomainError where Xero would refuse it, or book something else than was issued."""
        self._require_open(document)
        account = self._sales_account()
        tax_types = TaxTypes(self.chart.tax_rates, account.account_class, self.settings.tax_types)
        lines: list[Body] = []
        figures: list[tuple[Decimal, Decimal]] = []
        for line in document.draft.lines:
            rate = tax_types.of(line.tax, document.draft.tax_decision)
            quantity, unit_amount, description = self._priced(line)
            figures.append((line_amount(quantity, unit_amount), rate.percent))
            head = {"Description": description, "Quantity": quantity, "UnitAmount": unit_amount}
            lines.append(head | self._item_of(line) | {"AccountCode": account.code, "TaxType": rate.tax_type})
        rounding = rounding_amount(document.draft.totals, add_up(figures), self.settings.rounding_tolerance)
        if rounding:
            lines.append(self._rounding_line(rounding))
            figures.append((rounding, Decimal(0)))
        return Written(self._head(document, contact_id) | {"LineItems": lines}, add_up(figures), rounding)

    def write_purchase_order(self, document: Issued, contact_id: str) -> Body | None:
        """The goods of an invoice, ordered; None where it has none. No line names an account: Xero takes the item's."""
        goods = list(tracked_lines(document))
        if not goods:
            return None
        return {
            "PurchaseOrderNumber": number_of(document),
            "Contact": {"ContactID": contact_id},
            "Date": document.issued_on,
            "DeliveryDate": document.issued_on,
            "CurrencyCode": document.draft.currency,
            "LineAmountTypes": "Exclusive",
            "Reference": reference_of(document),
            "Status": self.settings.status,
            "LineItems": [
                {
                    "ItemCode": item_code(line.sku),
                    "Description": _described(line),
                    "Quantity": _fine(line.quantity),
                    "UnitAmount": _fine(line.unit_price),
                }
                for line in goods
            ],
        }

    def _head(self, document: Issued, contact_id: str) -> Body:
        head: Body = {
            "Contact": {"ContactID": contact_id},
            "Date": document.issued_on,
            "CurrencyCode": document.draft.currency,
            "LineAmountTypes": "Exclusive",
            "Reference": reference_of(document),
            "Status": self.settings.status,
        }
        if document.draft.type is DocumentType.CREDIT_NOTE:
            return head | {"Type": "ACCRECCREDIT", "CreditNoteNumber": number_of(document)} | self._sent()
        return head | {"Type": "ACCREC", "InvoiceNumber": number_of(document), "DueDate": document.due_on} | self._sent()

    def _sent(self) -> Body:
        # Xero takes the mark only on what is approved (facts: accounting-apis, B1.11).
        return {"SentToContact": True} if self.settings.sent_to_contact and self.settings.is_authorised else {}

    def _priced(self, line: InvoiceLine) -> tuple[Decimal, Decimal, str]:
        """Quantity, unit price and description. What 4 decimals cannot say becomes one piece at the line's net, told in words."""
        if self._is_tracked(line) or is_expressible(line.quantity, line.unit_price, line.net):
            return _fine(line.quantity), _fine(line.unit_price), _described(line)
        return _ONE, line.net, _described(line, f" ({_plain(line.quantity)} x {_plain(line.unit_price)})")

    def _item_of(self, line: InvoiceLine) -> Body:
        return {"ItemCode": item_code(line.sku)} if self._is_tracked(line) else {}

    def _is_tracked(self, line: InvoiceLine) -> bool:
        return self.settings.is_tracked and is_goods(line)

    def _sales_account(self) -> Account:
        account = self.chart.accounts.get(self.settings.sales_account)
        if account is None or not account.is_active:
            raise DomainError(
                "account_missing",
                f"{self.chart.name or 'The organisation'} has no active account {self.settings.sales_account}.",
                f"Correct sales_account of {self.settings.path}, or add the account in Xero",
            )
        return account

    def _rounding_line(self, amount: Decimal) -> Body:
        account = self.chart.rounding_account
        if account is None:
            raise DomainError(
                "no_rounding_account",
                f"A rounding line of {amount} is needed, and the organisation has no account for roundings (system account ROUNDING).",
                "Ask Xero's support for it, or enter the document in Xero by hand",
            )
        head = {"Description": _ROUNDING_TEXT, "Quantity": _ONE, "UnitAmount": amount}
        return head | {"AccountCode": account.code, "TaxType": _NO_TAX}

    def _require_open(self, document: Issued) -> None:
        currency = document.draft.currency
        if currency not in self.chart.currencies:
            raise DomainError(
                "currency_not_subscribed",
                f"{self.chart.name or 'The organisation'} does not use {currency} in Xero.",
                f"Add {currency} in Xero (Settings, Currencies)",
            )
        locked = self.chart.locked_until
        if locked is not None and document.issued_on <= locked:
            raise DomainError(
                "period_locked",
                f"{number_of(document)} is dated {document.issued_on}, and the books are closed up to {locked}.",
                "Move the lock date in Xero, or enter the document there by hand",
            )


def number_of(document: Issued) -> str:
    """Our number, as Xero's own number of the document. It must be one that a look-up can ask for."""
    number = document.display_number
    if len(number) > NUMBER_MAX or _NOT_ASKABLE & set(number) or number != one_line(number, NUMBER_MAX):
        text = f"The number {number!r} cannot be looked up in Xero: it is too long, or has a comma, a quote or a backslash in it."
        raise DomainError(
            "number_not_usable", text, "Enter the document in Xero by hand, and choose another number format for the next ones"
        )
    return number


def is_goods(line: InvoiceLine) -> bool:
    """Whether a line is something with a stock: it has a SKU and is no shipping."""
    return bool(line.sku) and line.sku != SHIPPING_SKU


def tracked_lines(document: Issued) -> Iterator[InvoiceLine]:
    """The lines that go through items where items are tracked."""
    return (line for line in document.draft.lines if is_goods(line))


def _described(line: InvoiceLine, suffix: str = "") -> str:
    text = paragraph(line.description, DESCRIPTION_MAX - len(suffix)) or line.sku or "Item"
    return text + suffix


def _fine(number: Decimal) -> Decimal:
    """At most 4 decimals, and none that say nothing: 2.0 and 2 are the same bytes."""
    return _short(number.quantize(_FINE, ROUND_HALF_UP))


def _short(number: Decimal) -> Decimal:
    return number.to_integral_value() if number == number.to_integral_value() else number.normalize()


def _plain(number: Decimal) -> str:
    return format(_short(number), "f")

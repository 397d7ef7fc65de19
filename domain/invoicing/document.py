"""Invoices and credit notes: immutable once issued; corrections are credit notes, never edits."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.companies.admin_company import BankAccount
from domain.invoicing.totals import Totals
from domain.parties import Address, Party
from domain.pricing.price_order import InvoiceLine
from domain.pricing.tax_decision import TaxDecision


class DocumentType(StrEnum):
    """Each type has a number series of its own under the admin company."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class Seller:
    """The seller as printed: a copy, so that later changes of the admin company leave the document alone."""

    ref: str
    name: str
    address: Address
    vat_number: str = ""
    registration_number: str = ""
    email: str = ""
    phone: str = ""
    bank: BankAccount = BankAccount()
    logo_sha256: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class OrderReference:
    """An order on the document. ``ref`` is ``SOURCE:REF`` where orders of two systems on it share one.

    ``dispatched_on`` is the day of supply, in the plan's zone (Directive 2006/112/EC, Art. 226(7)).
    """

    ref: str
    external_ref: str = ""
    dispatched_on: date | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A document before it has a number: all that does not depend on the number or the day.

    Lines of a credit note carry positive amounts; ``corrects`` is the display number of the invoice it credits.
    """

    type: DocumentType
    company: str
    seller: Seller
    buyer: Party
    currency: str
    orders: tuple[OrderReference, ...]
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    tax_decision: TaxDecision
    payment_terms_days: int
    corrects: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A numbered document. ``chain_hash`` covers its content, number, date and its predecessor's hash."""

    draft: Draft
    number: int
    display_number: str
    issued_on: date
    due_on: date
    content_sha256: str
    previous_hash: str
    chain_hash: str

    @property
    def admin_company(self) -> str:
        """The owner of the number series."""
        return self.draft.seller.ref

"""What differs between invoices, credit notes and purchase orders."""

from collections.abc import Mapping
from dataclasses import dataclass

_LEDGER_STATUSES = {
    "": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED"}),
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "SUBMITTED": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "VOIDED"}),
}
_ORDER_STATUSES = {
    "": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED"}),
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"}),
    "SUBMITTED": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "BILLED", "DELETED"}),
}


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind. ``next_statuses``: from where to where, ``""`` is before creation; what is not in it does not change any more."""

    title: str
    plural: str
    id_name: str
    number_name: str
    prefix: str
    next_statuses: Mapping[str, frozenset[str]]
    sent_statuses: frozenset[str]
    errors_name: str | None = "HasErrors"
    sale_types: frozenset[str] = frozenset()
    purchase_types: frozenset[str] = frozenset()
    in_ledger: bool = True
    creates_contacts: bool = True
    due_date: bool = False
    discounts: bool = True


INVOICE = DocumentKind(
    title="Invoice",
    plural="Invoices",
    id_name="InvoiceID",
    number_name="InvoiceNumber",
    prefix="INV-",
    next_statuses=_LEDGER_STATUSES,
    sent_statuses=frozenset({"AUTHORISED", "PAID"}),
    sale_types=frozenset({"ACCREC"}),
    purchase_types=frozenset({"ACCPAY"}),
    due_date=True,
)
CREDIT_NOTE = DocumentKind(
    title="Credit note",
    plural="CreditNotes",
    id_name="CreditNoteID",
    number_name="CreditNoteNumber",
    prefix="CN-",
    next_statuses=_LEDGER_STATUSES,
    sent_statuses=frozenset({"AUTHORISED", "PAID"}),
    sale_types=frozenset({"ACCRECCREDIT"}),
    purchase_types=frozenset({"ACCPAYCREDIT"}),
    discounts=False,
)
PURCHASE_ORDER = DocumentKind(
    title="Purchase order",
    plural="PurchaseOrders",
    id_name="PurchaseOrderID",
    number_name="PurchaseOrderNumber",
    prefix="PO-",
    next_statuses=_ORDER_STATUSES,
    sent_statuses=frozenset({"AUTHORISED", "BILLED"}),
    errors_name=None,
    purchase_types=frozenset({"PURCHASEORDER"}),
    in_ledger=False,
    creates_contacts=False,
)

"""Credit notes and what they are allocated to."""

import uuid

from tests.fakes.xero.amounts import decimal_of, rounded
from tests.fakes.xero.batches import Batch, Invalid
from tests.fakes.xero.days import day_of
from tests.fakes.xero.document_kind import CREDIT_NOTE
from tests.fakes.xero.documents import Documents
from tests.fakes.xero.drafting import in_locked_period, settled
from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.task import Task
from tests.fakes.xero.where import matching
from tests.fakes.xero.wire import Answer, Body, not_found

_DOCUMENTS = Documents(CREDIT_NOTE)
_ALLOCATIONS = Batch("Allocations", "AllocationID")
_INVOICE_TYPES = {"ACCRECCREDIT": "ACCREC", "ACCPAYCREDIT": "ACCPAY"}

read, create, create_or_update, update = _DOCUMENTS.read, _DOCUMENTS.create, _DOCUMENTS.create_or_update, _DOCUMENTS.update


def find(task: Task) -> Answer:
    """Credit notes by the filter of the query."""
    return _DOCUMENTS.listed(task, matching(task.organisation.tables["CreditNotes"].found(), task.call.query.get("where")))


def allocate(task: Task) -> Answer:
    """PUT: apply an approved credit note to approved invoices of the same contact."""
    note_id = task.parameters["CreditNoteID"].lower()
    notes = task.organisation.tables["CreditNotes"]
    if notes.get(note_id) is None:
        not_found()
    return _ALLOCATIONS.write(task, lambda sent: _allocate(task.organisation, notes.get(note_id) or {}, sent))


def _allocate(organisation: Organisation, note: Body, sent: Body) -> Body:
    invoice = organisation.tables["Invoices"].get(str((sent.get("Invoice") or {}).get("InvoiceID", "")).lower())
    if invoice is None:
        raise Invalid(["The invoice to allocate to could not be found."])
    amount, day = rounded(decimal_of(sent.get("Amount", 0))), day_of(sent.get("Date", organisation.today()), "Date")
    problems = _problems(note, invoice)
    if in_locked_period(organisation, day):
        problems.append(f"The document date cannot be before the period lock date {organisation.settings.lock_date:%d %B %Y}")
    if amount <= 0 or amount > note["RemainingCredit"] or amount > invoice["AmountDue"]:
        problems.append("The amount to allocate exceeds the remaining credit or the amount due.")
    if problems:
        raise Invalid(problems)
    paid = {"InvoiceID": invoice["InvoiceID"], "InvoiceNumber": invoice["InvoiceNumber"]}
    allocation: Body = {"AllocationID": str(uuid.uuid4()), "Amount": amount, "Date": day, "Invoice": paid}
    used = {"CreditNoteID": note["CreditNoteID"], "CreditNoteNumber": note["CreditNoteNumber"], "AppliedAmount": amount}
    now = organisation.now()
    credited = {"AmountCredited": note["AmountCredited"] + amount, "Allocations": [*note["Allocations"], allocation], "UpdatedDateUTC": now}
    owing = {"AmountCredited": invoice["AmountCredited"] + amount, "CreditNotes": [*invoice["CreditNotes"], used], "UpdatedDateUTC": now}
    organisation.tables["CreditNotes"].save(settled({**note, **credited}))
    organisation.tables["Invoices"].save(settled({**invoice, **owing}))
    return allocation


def _problems(note: Body, invoice: Body) -> list[str]:
    problems = []
    if note["Status"] != "AUTHORISED" or invoice["Status"] != "AUTHORISED":
        problems.append("Only approved credit notes can be allocated, and only to approved invoices with an amount due.")
    if invoice["Type"] != _INVOICE_TYPES[note["Type"]] or invoice["Contact"]["ContactID"] != note["Contact"]["ContactID"]:
        problems.append("The credit note and the invoice must be of the same contact.")
    if invoice["CurrencyCode"] != note["CurrencyCode"]:
        problems.append("The credit note and the invoice must be of the same currency.")
    return problems

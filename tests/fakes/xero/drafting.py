"""From what was sent to a document that keeps to the rules, or to the list of what is wrong."""

import uuid
from datetime import date
from decimal import Decimal

from tests.fakes.xero.amounts import decimal_of, totals
from tests.fakes.xero.batches import Invalid, messages
from tests.fakes.xero.contacts import contact_of_document
from tests.fakes.xero.days import day_of
from tests.fakes.xero.document_kind import DocumentKind
from tests.fakes.xero.lines import LineRules, Lines, read_lines
from tests.fakes.xero.organisation import Organisation
from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Body

# Reckoned or set by Xero, whatever is sent.
_OURS = frozenset({"SubTotal", "TotalTax", "Total", "AmountDue", "AmountPaid", "AmountCredited", "RemainingCredit", "UpdatedDateUTC"})
_DAYS = ("Date", "DueDate", "DeliveryDate", "ExpectedArrivalDate", "ExpectedPaymentDate", "PlannedPaymentDate")
_FINAL_DECIMALS, _USUAL_DECIMALS = 4, 2
_NUMBER_MAX = 255
# What a foreign document gets that names no rate: anything but 1.
_RATE_OF_THE_DAY = Decimal("1.1734560000")
_INSTRUCTIONS_MAX = 500


def drafted(task: Task, kind: DocumentKind, sent: Body, known: Body | None) -> Body:
    """A document that may be saved. Error: Invalid, with everything that is wrong."""
    organisation = task.organisation
    given = {name: value for name, value in sent.items() if name not in _OURS and value is not None}
    document = _defaults(organisation, kind) | (known or {}) | given
    if document["CurrencyCode"] != organisation.settings.base_currency:
        document = {**document, "CurrencyRate": given.get("CurrencyRate") or (known or {}).get("CurrencyRate") or _RATE_OF_THE_DAY}
    document |= {name: day_of(document[name], name) for name in _DAYS if name in document}
    status = str(document["Status"])
    problems = _head_problems(organisation, kind, document, known)
    if document.get("Type") not in kind.sale_types | kind.purchase_types:
        raise Invalid([*problems, f"Type '{document.get('Type')}' is not valid for this endpoint."])
    rules = LineRules(
        organisation,
        str(document["LineAmountTypes"]),
        _decimals(task, kind, is_new="LineItems" in given),
        is_sale=document["Type"] in kind.sale_types,
        coded=status not in {"DRAFT", "SUBMITTED"},
        discounts=kind.discounts and document["Type"] != "ACCPAY",
    )
    lines = read_lines(document.get("LineItems") or [], rules)
    document["Contact"] = _contact(organisation, kind, document, problems)
    _raise_if_any([*problems, *_line_problems(kind, document, lines)], lines, sent)
    document["LineItems"] = lines.lines
    document |= totals(lines.lines, rules.amount_types)
    if document["Total"] < 0:
        raise Invalid(["The document total must not be less than zero."])
    return document | {"UpdatedDateUTC": organisation.now()}


def settled(document: Body) -> Body:
    """With what is still open, and paid when that is nothing."""
    applied = document.get("AmountCredited", Decimal("0.00")) + document.get("AmountPaid", Decimal("0.00"))
    left = document["Total"] - applied
    name = "AmountDue" if "InvoiceID" in document else "RemainingCredit"
    status = "PAID" if document["Status"] == "AUTHORISED" and left == 0 else document["Status"]
    return {**document, name: Decimal("0.00") if status in {"VOIDED", "DELETED"} else left, "Status": status}


def in_locked_period(organisation: Organisation, day: date) -> bool:
    """Whether a day is on or before the lock date."""
    lock_date = organisation.settings.lock_date
    return lock_date is not None and day <= lock_date


def _defaults(organisation: Organisation, kind: DocumentKind) -> Body:
    defaults: Body = {kind.id_name: str(uuid.uuid4()), "Status": "DRAFT", "LineAmountTypes": "Exclusive", "Date": organisation.today()}
    defaults |= {"CurrencyCode": organisation.settings.base_currency, "CurrencyRate": Decimal("1.0000000000"), "HasAttachments": False}
    defaults |= {"SentToContact": False} | ({} if kind.in_ledger else {"Type": "PURCHASEORDER"})
    if kind.plural == "Invoices":
        defaults |= {"AmountPaid": Decimal("0.00"), "AmountCredited": Decimal("0.00"), "IsDiscounted": False, "CreditNotes": []}
    return defaults | ({"Allocations": [], "AmountCredited": Decimal("0.00")} if kind.plural == "CreditNotes" else {})


def _decimals(task: Task, kind: DocumentKind, *, is_new: bool) -> int:
    """Lines that were not sent again keep the decimals they have."""
    is_exact = not is_new or not kind.in_ledger or task.call.query.get("unitdp") == "4"
    return _FINAL_DECIMALS if is_exact else _USUAL_DECIMALS


def _contact(organisation: Organisation, kind: DocumentKind, document: Body, problems: list[str]) -> Body:
    sent = document.get("Contact")
    try:
        contact = contact_of_document(organisation, _as_sent(sent), may_create=kind.creates_contacts)
    except Invalid as invalid:
        problems += invalid.messages
        return {}
    return {"ContactID": contact["ContactID"], "Name": contact["Name"]}


def _as_sent(contact: Body | None) -> Body | None:
    """A contact with its id is looked up by that alone when nothing but its own name stands beside it."""
    if contact and contact.get("ContactID") and set(contact) <= {"ContactID", "Name"}:
        return {"ContactID": contact["ContactID"]}
    return contact


def _head_problems(organisation: Organisation, kind: DocumentKind, document: Body, known: Body | None) -> list[str]:
    problems = []
    before = str(known["Status"]) if known else ""
    status = str(document["Status"])
    if status not in kind.next_statuses.get(before, frozenset()):
        problems.append(f"{kind.title} not of valid status for modification")
    if document["CurrencyCode"] not in organisation.settings.currencies:
        problems.append(f"Users Organisation is not subscribed to currency {document['CurrencyCode']}")
    if kind.in_ledger and in_locked_period(organisation, document["Date"]):
        problems.append(f"The document date cannot be before the period lock date {organisation.settings.lock_date:%d %B %Y}")
    if kind.due_date and status == "AUTHORISED" and "DueDate" not in document:
        problems.append("DueDate must be specified for an authorised invoice.")
    if document["SentToContact"] and status not in kind.sent_statuses:
        problems.append(f"{kind.title} cannot be marked as sent unless it is approved.")
    if len(str(document.get(kind.number_name, ""))) > _NUMBER_MAX:
        problems.append(f"{kind.number_name} must not be more than 255 characters long.")
    if len(document.get("DeliveryInstructions", "")) > _INSTRUCTIONS_MAX:
        problems.append("DeliveryInstructions must not be more than 500 characters long.")
    if "xero" in document.get("Url", "").casefold():
        problems.append("The Url must not contain 'xero'.")
    return problems


def _line_problems(kind: DocumentKind, document: Body, lines: Lines) -> list[str]:
    problems = list(lines.problems)
    sent = document.get("LineItems") or []
    if not kind.in_ledger and any("Quantity" in line and "UnitAmount" not in line and "ItemCode" not in line for line in sent):
        problems.append("A line with a quantity needs a UnitAmount.")
    if kind.plural == "CreditNotes" and any(decimal_of(line.get("Quantity", 1)) < 0 for line in sent):
        problems.append("Quantities of a credit note must be positive.")
    return problems


def _raise_if_any(problems: list[str], lines: Lines, sent: Body) -> None:
    """What is wrong with a line's text stands inside that line, the rest at the document: clients must read both places."""
    if not problems and not lines.text_problems:
        return
    shown = [
        line | ({"ValidationErrors": messages([lines.text_problems[place]])} if place in lines.text_problems else {})
        for place, line in enumerate(sent.get("LineItems") or [])
    ]
    raise Invalid(problems, {**sent, "LineItems": shown} if lines.text_problems else sent)

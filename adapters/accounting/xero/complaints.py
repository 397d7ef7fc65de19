"""What Xero complains about, and what a person does next (facts: accounting-apis, B1.9).

Where no row fits, Xero's own words stand with the general next step: nothing it says is ever lost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.delivery.outcome import Refused

_TEXT_MAX = 1000
_SHOWN_MAX = 5
RETRY = "billhook deliveries retry {delivery}"
_GENERAL = "Correct in Xero or in the configuration what it complains about"
# Containers of a record whose parts have complaints of their own.
_PARTS = ("Contact", "LineItems", "Addresses", "Phones", "Allocations", "Invoice", "Item", "Elements")


@dataclass(frozen=True, slots=True)
class _Known:
    """All of ``words`` must be in the message, in any case."""

    words: tuple[str, ...]
    code: str
    next_step: str


_KNOWN = (
    _Known(("not subscribed to currency",), "currency_not_subscribed", "Add the currency in Xero (Settings, Currencies)"),
    _Known(("lock date",), "period_locked", "Move the lock date in Xero, or enter the document there by hand"),
    _Known(("contact name", "already assigned"), "contact_name_taken", "Give the other contact of this name in Xero another one"),
    _Known(("email address must be valid",), "email_invalid", "Correct the customer's e-mail address"),
    _Known(
        ("contact", "archived"), "contact_archived", "Restore the contact in Xero, unless it was merged into another, which is then found"
    ),
    _Known(("quantity", "exceeds"), "stock_missing", "Receive the stock in Xero (a bill with the item), or set allow_backorders: true"),
    _Known(("quantity on hand",), "stock_missing", "Receive the stock in Xero (a bill with the item), or set allow_backorders: true"),
    _Known(("taxtype", "cannot be used with account"), "tax_type_not_for_account", "Correct tax_types or sales_account"),
    _Known(("tax rate must be valid",), "tax_type_invalid", "Correct tax_types, or activate the tax rate in Xero"),
    _Known(("inventory account",), "account_is_inventory", "Name another sales_account: an inventory account takes tracked items only"),
    _Known(("account must be valid",), "account_invalid", "Correct sales_account, or activate the account in Xero"),
    _Known(("account code",), "account_invalid", "Correct sales_account, or activate the account in Xero"),
    _Known(("item code",), "item_invalid", "Restore the item in Xero, or correct the SKU"),
    _Known(("price list item", "already exists"), "item_exists", "Try again: the item is there by now"),
    _Known(
        ("limit of invoices you can approve",), "plan_limit", "Change the plan of the organisation at Xero, or set invoice_status: draft"
    ),
    _Known(("payment or credit note allocated",), "not_editable", "Take the payment or the allocation off in Xero first"),
    _Known(("not of valid status",), "status_invalid", "Look at the status of the document in Xero"),
    _Known(("description",), "description_invalid", "Shorten or correct the text of the line"),
)


def messages_in(element: Any) -> list[str]:
    """All complaints about a record, also those about its parts; each once, in their order."""
    return list(dict.fromkeys(_messages(element)))


def is_refused(element: Mapping[str, Any]) -> bool:
    """Whether an element of an answer was refused. An answer of 200 says nothing about its elements (facts: B1.8)."""
    flagged = element.get("HasErrors") is True or element.get("HasValidationErrors") is True
    return flagged or element.get("StatusAttributeString") == "ERROR" or bool(messages_in(element))


def is_known(messages: Iterable[str]) -> bool:
    """Whether every complaint is one that says that nothing of this document is there."""
    return all(_row(message) is not None for message in messages)


def refused(messages: Sequence[str], *, fallback: str = "Xero gave no reason.") -> Refused:
    """The outcome for complaints; the first known one names the code."""
    text = " · ".join(messages[:_SHOWN_MAX]) or fallback
    row = next(filter(None, map(_row, messages)), None)
    code, next_step = (row.code, row.next_step) if row else ("xero_refused", _GENERAL)
    return Refused(code, f"Xero refused it: {text}"[:_TEXT_MAX], f"{next_step}, then: {RETRY}")


def problem_in(document: Any, shown: str) -> str:
    """What an error answer as a whole says: any of Xero's shapes, else the beginning of its text."""
    if not isinstance(document, Mapping):
        return shown or "no text"
    listed = messages_in(document)
    if listed:
        return " · ".join(listed[:_SHOWN_MAX])
    names = ("Message", "Detail", "detail", "Title", "title", "error_description", "error")
    texts = [text for name in names if isinstance(text := document.get(name), str) and text]
    return texts[0] if texts else shown


def _messages(element: Any) -> Iterator[str]:
    if isinstance(element, list):
        for each in element:
            yield from _messages(each)
        return
    if not isinstance(element, Mapping):
        return
    for complaint in element.get("ValidationErrors") or ():
        if isinstance(complaint, Mapping):
            text = complaint.get("Message") or complaint.get("Description")
            if isinstance(text, str) and text.strip():
                yield " ".join(text.split())
    for part in _PARTS:
        yield from _messages(element.get(part))


def _row(message: str) -> _Known | None:
    lower = message.lower()
    return next((known for known in _KNOWN if all(word in lower for word in known.words)), None)

"""Which handler answers which call of the accounting API, and which scopes it takes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from tests.fakes.xero import attachments, chart_pages, contacts, credit_notes, invoices, items, purchase_orders
from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Answer

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_INVOICES = ("accounting.invoices", "accounting.transactions")
_SETTINGS = ("accounting.settings",)
_CONTACTS = ("accounting.contacts",)
_ATTACHMENTS = ("accounting.attachments",)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. ``template`` is its path in Xero's description; one of ``scopes`` is enough, for a GET also its ``.read``."""

    method: str
    template: str
    scopes: tuple[str, ...]
    handle: Callable[[Task], Answer]

    def parameters_of(self, method: str, path: str) -> dict[str, str] | None:
        """What stands in the places of the template, decoded; None where this is another path."""
        names, parts = self.template.split("/"), path.split("/")
        if method != self.method or len(names) != len(parts):
            return None
        given: dict[str, str] = {}
        for name, part in zip(names, parts, strict=True):
            if name.startswith("{"):
                given[name[1:-1]] = unquote(part)
            elif name != part:
                return None
        # Two paths may differ only in what the last place means: an id or a number.
        fits = all(_UUID.fullmatch(value) for name, value in given.items() if name.endswith("ID"))
        return given if fits else None

    def allowed_with(self, granted: frozenset[str]) -> bool:
        """Whether these scopes are enough."""
        reading = {f"{scope}.read" for scope in self.scopes} if self.method == "GET" else set()
        return bool(granted & ({*self.scopes} | reading))


ROUTES = (
    Route("GET", "/Organisation", _SETTINGS, chart_pages.read_organisation),
    Route("GET", "/Accounts", _SETTINGS, chart_pages.list_accounts),
    Route("GET", "/TaxRates", _SETTINGS, chart_pages.list_tax_rates),
    Route("GET", "/Currencies", _SETTINGS, chart_pages.list_currencies),
    Route("GET", "/Contacts", _CONTACTS, contacts.find),
    Route("GET", "/Contacts/{ContactID}", _CONTACTS, contacts.read),
    Route("GET", "/Contacts/{ContactNumber}", _CONTACTS, contacts.read_by_number),
    Route("PUT", "/Contacts", _CONTACTS, contacts.create),
    Route("POST", "/Contacts", _CONTACTS, contacts.create_or_update),
    Route("POST", "/Contacts/{ContactID}", _CONTACTS, contacts.update),
    Route("GET", "/Items", (*_SETTINGS, *_INVOICES), items.find),
    Route("GET", "/Items/{ItemID}", (*_SETTINGS, *_INVOICES), items.read),
    Route("PUT", "/Items", (*_SETTINGS, *_INVOICES), items.create),
    Route("POST", "/Items", (*_SETTINGS, *_INVOICES), items.create_or_update),
    Route("POST", "/Items/{ItemID}", (*_SETTINGS, *_INVOICES), items.update),
    Route("GET", "/Invoices", _INVOICES, invoices.find),
    Route("GET", "/Invoices/{InvoiceID}", _INVOICES, invoices.read),
    Route("PUT", "/Invoices", _INVOICES, invoices.create),
    Route("POST", "/Invoices", _INVOICES, invoices.create_or_update),
    Route("POST", "/Invoices/{InvoiceID}", _INVOICES, invoices.update),
    Route("GET", "/PurchaseOrders", _INVOICES, purchase_orders.find),
    Route("GET", "/PurchaseOrders/{PurchaseOrderID}", _INVOICES, purchase_orders.read),
    Route("GET", "/PurchaseOrders/{PurchaseOrderNumber}", _INVOICES, purchase_orders.read_by_number),
    Route("PUT", "/PurchaseOrders", _INVOICES, purchase_orders.create),
    Route("POST", "/PurchaseOrders", _INVOICES, purchase_orders.create_or_update),
    Route("POST", "/PurchaseOrders/{PurchaseOrderID}", _INVOICES, purchase_orders.update),
    Route("GET", "/CreditNotes", _INVOICES, credit_notes.find),
    Route("GET", "/CreditNotes/{CreditNoteID}", _INVOICES, credit_notes.read),
    Route("PUT", "/CreditNotes", _INVOICES, credit_notes.create),
    Route("POST", "/CreditNotes", _INVOICES, credit_notes.create_or_update),
    Route("POST", "/CreditNotes/{CreditNoteID}", _INVOICES, credit_notes.update),
    Route("PUT", "/CreditNotes/{CreditNoteID}/Allocations", _INVOICES, credit_notes.allocate),
    Route("GET", "/Invoices/{InvoiceID}/Attachments", _ATTACHMENTS, attachments.find),
    Route("PUT", "/Invoices/{InvoiceID}/Attachments/{FileName}", _ATTACHMENTS, attachments.create),
    Route("POST", "/Invoices/{InvoiceID}/Attachments/{FileName}", _ATTACHMENTS, attachments.create),
    Route("GET", "/CreditNotes/{CreditNoteID}/Attachments", _ATTACHMENTS, attachments.find),
    Route("PUT", "/CreditNotes/{CreditNoteID}/Attachments/{FileName}", _ATTACHMENTS, attachments.create),
    Route("POST", "/CreditNotes/{CreditNoteID}/Attachments/{FileName}", _ATTACHMENTS, attachments.create),
)


def find_route(method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The first route that fits, and what stands in its path."""
    for route in ROUTES:
        parameters = route.parameters_of(method, path)
        if parameters is not None:
            return route, parameters
    return None

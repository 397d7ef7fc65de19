"""What became of documents that were handed over without an answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from adapters.accounting.xero.allocation import is_allocated
from adapters.accounting.xero.api import XeroApi
from adapters.accounting.xero.attachments import Attachments
from adapters.accounting.xero.billed_to import BilledTo, Sent
from adapters.accounting.xero.chart import text_of
from adapters.accounting.xero.contacts import Contacts
from adapters.accounting.xero.documents import number_of, tracked_lines
from adapters.accounting.xero.remote_documents import (
    ASKED_AT_ONCE,
    CREDIT_NOTE,
    INVOICE,
    PURCHASE_ORDER,
    Kind,
    Record,
    by_number,
    contact_of,
    described,
    expected_of,
    find,
    find_of_day,
    questions,
    strangeness,
)
from adapters.accounting.xero.settings import XeroSettings
from application.ports.destination import Consignment, issued_in
from domain.delivery.outcome import CannotTell, Delivered, LookUp, NotThere, PartlyThere, StepDone
from domain.invoicing.document import DocumentType, Issued

ORDERED, INVOICED, CREDITED, SET_OFF = "purchase_order", "invoice", "credit_note", "allocation"
_DIGITS = re.compile(r"\d+")


@dataclass(slots=True)
class LookUps:
    """Answers of one visit. Invoices are asked for together with the numbers that follow, the other kinds by their day."""

    api: XeroApi
    settings: XeroSettings
    contacts: Contacts
    attachments: Attachments
    billed_to: BilledTo
    _asked: set[str] = field(default_factory=set)
    _found: dict[str, Record] = field(default_factory=dict)
    _days: dict[tuple[Kind, date], tuple[list[Record], bool]] = field(default_factory=dict)

    def look_up(self, consignment: Consignment) -> LookUp:
        """Where it stands, by our number. Raises what calls raise.

        ``NotThere`` is safe even where Xero shows later what is there already: see posting.py.
        """
        document = issued_in(consignment)
        if document.draft.type is DocumentType.CREDIT_NOTE:
            return self._credit_note(document, consignment.steps)
        record = self._invoice(number_of(document))
        if record is None:
            return self._without_invoice(document, consignment.steps)
        told = self._differences(document, record)
        if told:
            return _another(document, told)
        done = self._found_there(document, INVOICE, record)
        if self.settings.attach_pdf and not self.attachments.is_attached(document, done.remote_id):
            return PartlyThere((StepDone(INVOICED, done.remote_id),))
        return done

    def _without_invoice(self, document: Issued, steps: Mapping[str, str]) -> LookUp:
        if INVOICED in steps:
            return CannotTell(f"{document.display_number} was in Xero and is not found there any more. Look for it there.")
        if not self.settings.is_tracked or ORDERED in steps or not any(tracked_lines(document)):
            return PartlyThere(tuple(StepDone(step, left) for step, left in steps.items())) if steps else NotThere()
        order = self._by_day(PURCHASE_ORDER, document)
        return PartlyThere((StepDone(ORDERED, text_of(order, PURCHASE_ORDER.id_name)),)) if order else NotThere()

    def _credit_note(self, document: Issued, steps: Mapping[str, str]) -> LookUp:
        number = number_of(document)
        record = self._by_day(CREDIT_NOTE, document)
        if record is None:
            if CREDITED in steps:
                return CannotTell(f"{number} was in Xero and is not found there any more. Look for it there.")
            return NotThere()
        told = self._differences(document, record)
        if told:
            return _another(document, told)
        done = self._found_there(document, CREDIT_NOTE, record)
        credited = StepDone(CREDITED, done.remote_id)
        is_set_off = SET_OFF in steps or (self.settings.is_authorised and self.is_set_off(document, record))
        if self.settings.is_authorised and not is_set_off:
            return PartlyThere((credited,))
        if self.settings.attach_pdf and not self.attachments.is_attached(document, done.remote_id):
            return PartlyThere((credited, StepDone(SET_OFF, done.remote_id)) if is_set_off else (credited,))
        return done

    def _found_there(self, document: Issued, kind: Kind, record: Record) -> Delivered:
        sent = Sent(number_of(document), text_of(contact_of(record), "ContactID"), self.contacts.link_of(document))
        self.billed_to.keep(kind, [sent])
        return delivered(record, kind.id_name, "found by its number")

    def is_set_off(self, document: Issued, record: Record) -> bool:
        """Whether a credit note is set off against its invoice. A list may leave that out; one record never does."""
        if not record.get("Allocations"):
            path = f"/{CREDIT_NOTE.plural}/{text_of(record, CREDIT_NOTE.id_name)}"
            record = next(iter(self.api.records(CREDIT_NOTE.plural, path)), record)
        return is_allocated(record, document.draft.corrects)

    def _differences(self, document: Issued, record: Record) -> list[str]:
        contact_id = self.contacts.known(document) if document.draft.type is DocumentType.INVOICE else ""
        return strangeness(record, expected_of(document, self.settings.rounding_tolerance, contact_id))

    def _by_day(self, kind: Kind, document: Issued) -> Record | None:
        day = (kind, document.issued_on)
        if day not in self._days:
            self._days[day] = find_of_day(self.api, *day)
        records, is_all = self._days[day]
        number = number_of(document)
        found = by_number(kind, [number], records).get(number)
        return found if found is not None or is_all else find(self.api, kind, [number]).get(number)

    def _invoice(self, number: str) -> Record | None:
        # A lost call leaves up to 50 documents unknown, mostly with numbers in a row: one question covers them.
        if number not in self._asked:
            numbers = next(questions([number, *following(number, ASKED_AT_ONCE - 1)]))
            self._found |= find(self.api, INVOICE, numbers)
            self._asked.update(numbers)
        return self._found.get(number)


def following(number: str, count: int) -> list[str]:
    """The numbers that come after one, as far as its last digits tell: INV-0099 is followed by INV-0100."""
    *_, last = _DIGITS.finditer(number) if _DIGITS.search(number) else (None,)
    if last is None:
        return []
    width = last.end() - last.start()
    first = int(last[0]) + 1
    return [f"{number[: last.start()]}{each:0{width}d}{number[last.end() :]}" for each in range(first, first + count)]


def delivered(record: Record, id_name: str, how: str, rounding: Decimal | None = None) -> Delivered:
    """The outcome of what is there, with its figures."""
    rounded = f", rounding line {rounding}" if rounding else ""
    remote_id = text_of(record, id_name)
    return Delivered(remote_id, remote_url(id_name, remote_id), f"Xero: {described(record)}{rounded} ({how}).")


def remote_url(id_name: str, remote_id: str) -> str:
    """Where people see it."""
    page = "View" if id_name == INVOICE.id_name else "ViewCreditNote"
    query = "InvoiceID" if id_name == INVOICE.id_name else "creditNoteID"
    return f"https://go.xero.com/AccountsReceivable/{page}.aspx?{query}={remote_id}" if remote_id else ""


def _another(document: Issued, told: list[str]) -> CannotTell:
    return CannotTell(f"Xero has a document under the number {document.display_number}, and it is not as sent: {'; '.join(told)}.")

"""Xero as a destination (seed 001; facts: accounting-apis, B1).

Untracked: an invoice, or a credit note that is then set off against its invoice. Tracked: a purchase order, then the invoice. At the
end the PDF, where it is wanted. Each of these effects is a step of its own, so a delivery that is tried again goes on behind the last one
that happened.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from adapters.accounting.xero.allocation import Allocations, Corrected, SetOff
from adapters.accounting.xero.api import REFUSED, XeroApi
from adapters.accounting.xero.attachments import Attachments
from adapters.accounting.xero.billed_to import BilledTo, Sent
from adapters.accounting.xero.chart import text_of
from adapters.accounting.xero.charts import YOUNG_S, Charts
from adapters.accounting.xero.checks import Checks
from adapters.accounting.xero.complaints import RETRY
from adapters.accounting.xero.contacts import Contacts
from adapters.accounting.xero.documents import DocumentWriter, Written, number_of
from adapters.accounting.xero.items import Items
from adapters.accounting.xero.look_ups import CREDITED, INVOICED, ORDERED, SET_OFF, LookUps, delivered, remote_url
from adapters.accounting.xero.posting import Parcel, Posted, Posting, renumbered
from adapters.accounting.xero.preview import previewed
from adapters.accounting.xero.remote_documents import (
    CREDIT_NOTE,
    INVOICE,
    PURCHASE_ORDER,
    Kind,
    contact_of,
    differences,
    expected_of,
    find,
    find_by_id,
)
from adapters.accounting.xero.sending import HandingOver
from adapters.accounting.xero.settings import XeroSettings
from application.ports.destination import CheckResult, Consignment, issued_in
from domain.delivery.outcome import ConnectionLost, Delivered, LookUp, Outcome, Refused, StepDone
from domain.errors import DomainError
from domain.invoicing.document import DocumentType, Issued

_ORDER_PARAMS: dict[str, Any] = {"summarizeErrors": "false"}
_PARAMS: dict[str, Any] = {"summarizeErrors": "false", "unitdp": 4}
# These end a lane's visit; every other error is about one document.
_OF_THE_LANE = frozenset({"needs_reauth", "no_access", "scope_missing", REFUSED, "address_refused"})
_CONTACT_CODES = frozenset({"contact_archived"})

Yielded = tuple[Consignment, Outcome | StepDone]


@dataclass(frozen=True, slots=True)
class XeroDestination:
    """One lane's visit to one organisation."""

    api: XeroApi
    settings: XeroSettings
    charts: Charts
    contacts: Contacts
    items: Items
    posting: Posting
    allocations: Allocations
    attachments: Attachments
    billed_to: BilledTo
    look_ups: LookUps
    checks: Checks

    def deliver(self, batch: Sequence[Consignment], handing_over: HandingOver) -> Iterator[Yielded]:
        """In order, as many as possible in one call. Stops after a lost connection."""
        for is_credit_note, run in groupby(batch, key=_is_credit_note):
            flow = self._credit_notes if is_credit_note else self._invoices
            lost = False
            for consignment, outcome in flow(list(run), handing_over):
                yield consignment, outcome
                lost = lost or isinstance(outcome, ConnectionLost)
            if lost:
                return

    def look_up(self, consignment: Consignment) -> LookUp:
        """Where it stands, by our number."""
        return self.look_ups.look_up(consignment)

    def check(self) -> Sequence[CheckResult]:
        """Everything that a delivery needs, by reading only."""
        return self.checks.run()

    def preview(self, consignment: Consignment) -> str:
        """The bodies that would be sent, with the figures that Xero will come to. A customer Xero has not yet is not created."""
        document = issued_in(consignment)
        contact_id = self.contacts.known(document)
        if not contact_id and not self.settings.bills_customers:
            contact_id = self.contacts.named(self.settings.contact_name)
        return previewed(document, DocumentWriter(self.settings, self.charts.of(self.api)), contact_id)

    def _invoices(self, run: Sequence[Consignment], handing_over: HandingOver) -> Iterator[Yielded]:
        again = [consignment for consignment in run if INVOICED in consignment.steps]
        yield from _in_turn(self._attaching(each, _done_before(each, INVOICE, INVOICED), handing_over) for each in again)
        parcels = yield from self._packed([consignment for consignment in run if INVOICED not in consignment.steps])
        if self.settings.is_tracked:
            parcels = yield from self._ordered(parcels, handing_over)
            parcels = yield from self._in_stock(parcels)
        backorders = {"allowBackorders": "true"} if self.settings.is_tracked and self.settings.allow_backorders else {}
        for results in self.posting.post(INVOICE, parcels, handing_over, _PARAMS | backorders):
            to_attach: list[Iterator[Yielded]] = []
            for parcel, result in results:
                outcome = self._verified(INVOICE, parcel, result)
                if isinstance(outcome, Delivered) and self._is_to_attach(parcel.consignment, outcome, may_be_there=_was_there(result)):
                    yield parcel.consignment, StepDone(INVOICED, outcome.remote_id)
                    to_attach.append(self._attaching(parcel.consignment, outcome, handing_over))
                else:
                    yield parcel.consignment, outcome
            self._remember(INVOICE, results)
            yield from _in_turn(to_attach)

    def _packed(self, consignments: Sequence[Consignment]) -> Generator[Yielded, None, list[Parcel]]:
        """What can be sent; what cannot is refused here, before anything leaves."""
        consignments = yield from self._not_renumbered(INVOICE, consignments)
        documents = [issued_in(consignment) for consignment in consignments]
        if self.settings.is_tracked:
            self.items.prepare(documents)
        contacts = self.contacts.of(documents) if documents else []
        parcels = []
        for consignment, contact in zip(consignments, contacts, strict=True):
            try:
                parcels.append(self._parcel(consignment, contact))
            except DomainError as error:
                yield consignment, _refusal(error)
        return parcels

    def _not_renumbered(self, kind: Kind, consignments: Sequence[Consignment]) -> Generator[Yielded, None, list[Consignment]]:
        """Those that may be sent. One that was there before may be there still, under a number that somebody gave it: not twice then."""
        before = [consignment.remote_id for consignment in consignments if consignment.remote_id and not consignment.steps]
        there = find_by_id(self.api, kind, before) if before else {}
        free = []
        for consignment in consignments:
            record = there.get(consignment.remote_id.lower(), {})
            refusal = renumbered(record, kind, issued_in(consignment).display_number) if record else None
            if refusal is None:
                free.append(consignment)
            else:
                yield consignment, refusal
        return free

    def _parcel(self, consignment: Consignment, contact: str | DomainError) -> Parcel:
        if isinstance(contact, DomainError):
            raise contact
        document = issued_in(consignment)
        if self.settings.is_tracked:
            self.items.require(document)
        written = self._write(document, contact)
        expected = expected_of(document, self.settings.rounding_tolerance, contact)
        return Parcel(consignment, number_of(document), written.body, expected, written.rounding)

    def _write(self, document: Issued, contact_id: str) -> Written:
        chart = self.charts.of(self.api)
        try:
            return DocumentWriter(self.settings, chart).write(document, contact_id)
        except DomainError:
            newer = self.charts.of(self.api, YOUNG_S)
            if newer is chart:
                raise
            return DocumentWriter(self.settings, newer).write(document, contact_id)

    def _ordered(self, parcels: Sequence[Parcel], handing_over: HandingOver) -> Generator[Yielded, None, list[Parcel]]:
        """The purchase orders first; an invoice goes on when its own is there, or when it needs none."""
        writer = DocumentWriter(self.settings, self.charts.of(self.api))
        orders = []
        for parcel in parcels:
            document = issued_in(parcel.consignment)
            body = writer.write_purchase_order(document, str(parcel.body["Contact"]["ContactID"]))
            if body is not None and ORDERED not in parcel.consignment.steps:
                orders.append(Parcel(parcel.consignment, parcel.number, body))
        waiting = {order.number for order in orders}
        for results in self.posting.post(PURCHASE_ORDER, orders, handing_over, _ORDER_PARAMS):
            for order, result in results:
                if isinstance(result, Posted):
                    waiting.discard(order.number)
                    yield order.consignment, StepDone(ORDERED, text_of(result.record, PURCHASE_ORDER.id_name))
                else:
                    yield order.consignment, result
        return [parcel for parcel in parcels if parcel.number not in waiting]

    def _in_stock(self, parcels: Sequence[Parcel]) -> Generator[Yielded, None, list[Parcel]]:
        there = []
        short: list[tuple[Parcel, DomainError]] = []
        for parcel in parcels:
            try:
                self.items.take(issued_in(parcel.consignment))
                there.append(parcel)
            except DomainError as error:
                short.append((parcel, error))
        # What was sold by this very invoice is missing too: after a look-up that came too early, or a resend.
        sold = find(self.api, INVOICE, [parcel.number for parcel, _ in short]) if short else {}
        for parcel, missing in short:
            if parcel.number in sold:
                there.append(parcel)
            else:
                yield parcel.consignment, _refusal(missing)
        return there

    def _credit_notes(self, run: Sequence[Consignment], handing_over: HandingOver) -> Iterator[Yielded]:
        corrected = Corrected(self.api)
        run = yield from self._not_renumbered(CREDIT_NOTE, run)
        corrected.load([issued_in(consignment) for consignment in run])
        again: list[Iterator[Yielded]] = []
        parcels = []
        for consignment in run:
            try:
                # One that is set off needs its invoice no more.
                invoice = {} if SET_OFF in consignment.steps else corrected.require(issued_in(consignment))
                if CREDITED in consignment.steps:
                    done = _done_before(consignment, CREDIT_NOTE, CREDITED)
                    again.append(self._finishing(consignment, done, corrected, handing_over, may_be_there=True))
                else:
                    # The invoice's own contact: Xero sets nothing off between two contacts.
                    parcels.append(self._parcel(consignment, text_of(contact_of(invoice), "ContactID")))
            except DomainError as error:
                yield consignment, _refusal(error)
        yield from _in_turn(again)
        for results in self.posting.post(CREDIT_NOTE, parcels, handing_over, _PARAMS):
            to_finish: list[Iterator[Yielded]] = []
            for parcel, result in results:
                outcome = self._verified(CREDIT_NOTE, parcel, result)
                if isinstance(outcome, Delivered) and isinstance(result, Posted):
                    left = self._left(parcel.consignment, result, outcome, corrected, handing_over)
                    if left is not None:
                        yield parcel.consignment, StepDone(CREDITED, outcome.remote_id)
                        to_finish.append(left)
                        continue
                yield parcel.consignment, outcome
            self._remember(CREDIT_NOTE, results)
            yield from _in_turn(to_finish)

    def _left(
        self, consignment: Consignment, posted: Posted, done: Delivered, corrected: Corrected, handing_over: HandingOver
    ) -> Iterator[Yielded] | None:
        """What is to be done yet about a credit note that is there; None where nothing is."""
        is_set_off = posted.was_there and self.look_ups.is_set_off(issued_in(consignment), posted.record)
        if self.settings.is_authorised and not is_set_off:
            return self._finishing(consignment, done, corrected, handing_over, may_be_there=posted.was_there)
        if self._is_to_attach(consignment, done, may_be_there=posted.was_there):
            return self._attaching(consignment, done, handing_over)
        return None

    def _finishing(
        self, consignment: Consignment, done: Delivered, corrected: Corrected, handing_over: HandingOver, *, may_be_there: bool
    ) -> Iterator[Yielded]:
        """Set a credit note off, then put its PDF beside it; what its steps say was done is left out."""
        outcome: Outcome = done
        if self.settings.is_authorised and SET_OFF not in consignment.steps:
            outcome = self.allocations.allocate(consignment, done.remote_id, corrected, handing_over)
        if isinstance(outcome, Delivered):
            # An open credit is no step: whether it can be set off is asked again next time, and changes nothing.
            if self.settings.attach_pdf and isinstance(outcome, SetOff):
                yield consignment, StepDone(SET_OFF, outcome.remote_id)
            outcome = replace(outcome, remote_url=done.remote_url)
            if self._is_to_attach(consignment, outcome, may_be_there=may_be_there):
                outcome = self.attachments.attach(consignment, outcome, handing_over)
        yield consignment, outcome

    def _remember(self, kind: Kind, results: Sequence[tuple[Parcel, Posted | Outcome]]) -> None:
        """Whom it went to, of all that is there."""
        there = [parcel for parcel, result in results if isinstance(result, Posted)]
        self.billed_to.keep(
            kind,
            [
                Sent(parcel.number, parcel.expected.contact_id, self.contacts.link_of(issued_in(parcel.consignment)))
                for parcel in there
                if parcel.expected is not None
            ],
        )

    def _verified(self, kind: Kind, parcel: Parcel, result: Posted | Outcome) -> Outcome:
        """The outcome, after the figures that came back were compared with ours."""
        if isinstance(result, Refused) and result.code in _CONTACT_CODES:
            self.contacts.forget([issued_in(parcel.consignment)])
        if not isinstance(result, Posted):
            return result
        told = differences(result.record, parcel.expected) if parcel.expected else []
        if told:
            text = f"Xero took {parcel.number} and shows other figures: {'; '.join(told)}."
            step = "Correct it in Xero, then: billhook deliveries delivered {delivery}"
            return Refused("totals_differ_there", text, step)
        return delivered(result.record, kind.id_name, "there already" if result.was_there else "created", parcel.rounding)

    def _is_to_attach(self, consignment: Consignment, done: Delivered, *, may_be_there: bool) -> bool:
        if not self.settings.attach_pdf:
            return False
        # Xero would keep a second file of the same name beside the first: after a resend it is there already.
        return not (may_be_there and self.attachments.is_attached(issued_in(consignment), done.remote_id))

    def _attaching(self, consignment: Consignment, done: Delivered, handing_over: HandingOver) -> Iterator[Yielded]:
        yield consignment, self.attachments.attach(consignment, done, handing_over) if self.settings.attach_pdf else done


def _done_before(consignment: Consignment, kind: Kind, step: str) -> Delivered:
    remote_id = consignment.steps[step]
    return Delivered(remote_id, remote_url(kind.id_name, remote_id), "It was there already.")


def _was_there(result: Posted | Outcome) -> bool:
    return isinstance(result, Posted) and result.was_there


def _in_turn(finishing: Iterable[Iterator[Yielded]]) -> Iterator[Yielded]:
    """The later effects of documents whose first is recorded: whatever stops them leaves no doubt about the others."""
    for each in finishing:
        outcome: Outcome | StepDone | None = None
        for consignment, outcome in each:
            yield consignment, outcome
        if isinstance(outcome, ConnectionLost):
            return


def _is_credit_note(consignment: Consignment) -> bool:
    return issued_in(consignment).draft.type is DocumentType.CREDIT_NOTE


def _refusal(error: DomainError) -> Refused:
    """One document's refusal. What is wrong with the whole lane is raised: it parks the lane and refuses nothing."""
    if error.code in _OF_THE_LANE:
        raise error
    return Refused(error.code, error.text, f"{error.next_step}, then: {RETRY}")

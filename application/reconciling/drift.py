"""What two books may disagree about, each with one next step. Nothing is ever changed silently: a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from application.ports.books import BookedDocument, DeliveryStanding
from application.ports.ledger import RemoteDocument
from domain.delivery.state import DeliveryState
from domain.invoicing.document import DocumentType


class DriftKind(StrEnum):
    """How a document differs. ``undelivered``: it is there, and its delivery stands at something else than delivered."""

    MISSING = "missing"
    DIFFERENT = "different"
    VOIDED = "voided"
    DRAFT = "draft"
    NOT_ISSUED = "not_issued"
    TWICE = "twice"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Drift:
    """One disagreement. ``remote_id`` is empty where the document is not there, ``delivery_id`` 0 where nothing was to be delivered."""

    kind: DriftKind
    type: str
    number: str
    detail: str
    next_step: str
    remote_id: str = ""
    delivery_id: int = 0


def missing(ours: BookedDocument, delivery: DeliveryStanding) -> Drift:
    """It was delivered, or given up, and is not there."""
    if delivery.state is DeliveryState.NEEDS_HUMAN:
        detail = f"It is not there. Its delivery needs a person: {delivery.last_error}"
        step = delivery.next_step or f"billhook deliveries show {_name(delivery)}"
    else:
        detail = f"It was delivered as {delivery.remote_id or 'no id'}, and is not there."
        step = _resend(delivery, "Missing there")
    return _of(ours, delivery, DriftKind.MISSING, detail, step)


def renumbered(ours: BookedDocument, delivery: DeliveryStanding, number: str) -> Drift:
    """It is there, and somebody gave it another number. Sent again, it would be there twice."""
    detail = f"number {number or 'none'} there, {ours.display_number} here"
    step = f"Give it the number {ours.display_number} there again. Do not resend it: it would be booked twice."
    return _of(ours, delivery, DriftKind.DIFFERENT, detail, step)


def voided(ours: BookedDocument, delivery: DeliveryStanding, *, keeps_number: bool) -> Drift:
    """It is there, and void. Here it counts until a person says otherwise. ``keeps_number``: it cannot be there again."""
    is_invoice = ours.type == DocumentType.INVOICE.value
    again = _resend(delivery, "Voided by mistake")
    if is_invoice and keeps_number:
        step = f"Bill it under another number: {_credit(ours, 'Voided there', '--reissue')}; if it is not owed any more, without --reissue"
    elif is_invoice:
        step = f"If that was meant: {_credit(ours, 'Voided there')}; if by mistake: {again}"
    elif keeps_number:
        step = f"Find out who voided it, and enter it there by hand under another number. Then, to leave this one out: {again}, which is "
        step += f"refused, and billhook deliveries cancel {_name(delivery)}"
    else:
        step = f"A credit note cannot be taken back here: find out who voided it; if by mistake: {again}"
    return _of(ours, delivery, DriftKind.VOIDED, "It is void there, and counts here.", step)


def different(ours: BookedDocument, delivery: DeliveryStanding, theirs: RemoteDocument, differences: Sequence[str]) -> Drift:
    """It says something else there."""
    if not theirs.keeps_number:
        step = f"Put it right there, or void it there and then: {_resend(delivery, 'Voided there, since it differed')}"
    elif ours.type == DocumentType.INVOICE.value:
        step = f"Put it right there, or void it there and then: {_credit(ours, 'Differed there', '--reissue')}"
    else:
        step = "Put it right there."
    return _of(ours, delivery, DriftKind.DIFFERENT, "; ".join(differences), step, theirs.remote_id)


def draft(ours: BookedDocument, delivery: DeliveryStanding, theirs: RemoteDocument) -> Drift:
    """It does not count there yet, and should."""
    return _of(ours, delivery, DriftKind.DRAFT, "It is a draft there, and counts here.", "Approve it there.", theirs.remote_id)


def twice(ours: BookedDocument, delivery: DeliveryStanding, theirs: RemoteDocument) -> Drift:
    """There are several with this number that count."""
    step = f"Void all but one of that number there, and keep {delivery.remote_id or 'the oldest'}."
    return _of(ours, delivery, DriftKind.TWICE, f"It is there more than once; {theirs.remote_id} is another one.", step, theirs.remote_id)


def undelivered(ours: BookedDocument, delivery: DeliveryStanding) -> Drift:
    """It arrived although nobody here knows."""
    detail = f"It is there, and its delivery is {delivery.state.value}{f': {delivery.last_error}' if delivery.last_error else ''}"
    if delivery.state is DeliveryState.NEEDS_HUMAN:
        step = f"billhook deliveries delivered {_name(delivery)} --reason 'Seen there'"
    else:
        step = f"Void it there if it is not meant to be there; otherwise: {_resend(delivery, 'Seen there')}, which finds it"
    return _of(ours, delivery, DriftKind.UNDELIVERED, detail, step)


def not_issued(theirs: RemoteDocument, is_behind: bool) -> Drift:  # noqa: FBT001 - one fact about the number
    """It has a number like ours, and nothing of that number was issued here."""
    if is_behind:
        step = "The series here has not come that far: billhook numbers list"
    else:
        step = "Find out who entered it there, and give it another number or void it."
    return Drift(
        DriftKind.NOT_ISSUED, theirs.type, theirs.number, "Its number looks like ours, and was not issued.", step, theirs.remote_id
    )


def _of(ours: BookedDocument, delivery: DeliveryStanding, kind: DriftKind, detail: str, step: str, remote_id: str = "") -> Drift:  # noqa: PLR0913
    return Drift(kind, ours.type, ours.display_number, detail, step, remote_id or delivery.remote_id, delivery.delivery_id)


def _resend(delivery: DeliveryStanding, reason: str) -> str:
    return f"billhook deliveries resend {_name(delivery)} --reason '{reason}'"


def _credit(ours: BookedDocument, reason: str, *options: str) -> str:
    return " ".join(("billhook invoices credit", ours.display_number, *options, f"--reason '{reason}'"))


def _name(delivery: DeliveryStanding) -> str:
    return f"dlv_{delivery.delivery_id}"

"""Handing documents over to Xero, up to 50 in a call, with an answer for each (facts: accounting-apis, B1.6 to B1.9).

No document can be there twice: PUT creates only, each carries our own number, and Xero keeps the numbers of sales invoices, credit notes
and purchase orders unique. So even where a look-up came too early to see what was created, sending again is refused; a refusal that does
not say why nothing could be there is followed by a look-up, and what is there and agrees with ours is taken for delivered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from adapters.accounting import exact_json
from adapters.accounting.answer import Answer
from adapters.accounting.xero.api import elements_of
from adapters.accounting.xero.chart import text_of
from adapters.accounting.xero.complaints import RETRY, is_known, is_refused, messages_in, problem_in, refused
from adapters.accounting.xero.remote_documents import Expected, Kind, Record, find, is_gone, strangeness
from adapters.accounting.xero.sending import Effect, HandingOver, Sending
from application.ports.destination import Consignment, issued_in
from domain.delivery.outcome import ConnectionLost, Outcome, Refused, Unknown
from domain.errors import DomainError, TemporaryFailure
from domain.invoicing.document import DocumentType
from domain.money import ZERO

BATCH_MAX = 50
# Xero takes 3.5 MB by its older pages and 10 MB by its newer ones (facts: B1.8).
_BYTES_MAX = 3_000_000
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A document on its way. ``expected`` is None where it need not be compared (purchase orders)."""

    consignment: Consignment
    number: str
    body: Mapping[str, Any]
    expected: Expected | None = None
    rounding: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Posted:
    """It is there. ``was_there``: it had been before this call."""

    record: Record
    was_there: bool = False


@dataclass(frozen=True, slots=True)
class Posting:
    """Hands documents over to one organisation."""

    sending: Sending

    def post(
        self, kind: Kind, parcels: Sequence[Parcel], handing_over: HandingOver, params: Mapping[str, Any]
    ) -> Iterator[Sequence[tuple[Parcel, Posted | Outcome]]]:
        """The results of each call. Stops after a lost connection. Raises what a call raises before it is handed over, and LeaseVoid."""
        for chunk in chunks(parcels):
            results = self._post(kind, chunk, handing_over, params)
            yield results
            if any(isinstance(result, ConnectionLost) for _, result in results):
                return

    def _post(
        self, kind: Kind, chunk: Sequence["_Encoded"], handing_over: HandingOver, params: Mapping[str, Any]
    ) -> Sequence[tuple[Parcel, Posted | Outcome]]:
        parcels = [each.parcel for each in chunk]
        effect = Effect(
            operation=kind.plural,
            numbers=[parcel.number for parcel in parcels],
            consignments=[parcel.consignment for parcel in parcels],
            path=f"/{kind.plural}",
            body=b'{"%s":[%s]}' % (kind.plural.encode(), b",".join(each.content for each in chunk)),
            params=params,
        )
        answer = self.sending.send(effect, handing_over)
        if not isinstance(answer, Answer):
            return _for_all(parcels, answer)
        return self._read(kind, parcels, effect, answer)

    def _read(self, kind: Kind, parcels: Sequence[Parcel], effect: Effect, answer: Answer) -> Sequence[tuple[Parcel, Posted | Outcome]]:
        document = answer.json()
        if answer.status in _OK:
            if not isinstance(document, Mapping):
                return _for_all(parcels, Unknown(f"Xero's answer cannot be read: {answer.shown()}"))
            return self._settled(kind, parcels, effect, elements_of(document, kind.plural))
        elements = [each for each in elements_of(document, "Elements") if is_refused(each)]
        if elements:
            # Whether Xero kept the good ones of a call it refused as a whole is not known: those are looked up.
            return self._settled(kind, parcels, effect, elements)
        self.sending.spend(effect)
        return _for_all(parcels, refused([f"{answer.status}: {problem_in(document, answer.shown())}"]))

    def _settled(
        self, kind: Kind, parcels: Sequence[Parcel], effect: Effect, answered: Sequence[Record]
    ) -> Sequence[tuple[Parcel, Posted | Outcome]]:
        elements = matched(parcels, answered, kind)
        results: dict[str, Posted | Outcome] = {}
        complaints: dict[str, list[str]] = {}
        for parcel in parcels:
            element = elements.get(parcel.number)
            if element is None:
                results[parcel.number] = Unknown("Xero answered without a word about this document.")
            elif is_refused(element):
                complaints[parcel.number] = messages_in(element)
            else:
                results[parcel.number] = Posted(element)
        self.sending.spend(effect, list(complaints))
        results |= self._refused([parcel for parcel in parcels if parcel.number in complaints], kind, complaints)
        return [(parcel, results[parcel.number]) for parcel in parcels]

    def _refused(self, parcels: Sequence[Parcel], kind: Kind, complaints: Mapping[str, list[str]]) -> dict[str, Posted | Outcome]:
        """A number that is taken may be taken by this very document: one look-up for all that might be."""
        asked = [parcel.number for parcel in parcels if not is_known(complaints[parcel.number]) or not complaints[parcel.number]]
        there: dict[str, Record] | None = {}
        try:
            there = find(self.sending.api, kind, asked) if asked else {}
        except (TemporaryFailure, DomainError):
            there = None
        results: dict[str, Posted | Outcome] = {}
        for parcel in parcels:
            messages = complaints[parcel.number]
            if parcel.number in asked and there is None:
                results[parcel.number] = Unknown(f"Xero refused it ({'; '.join(messages)}), and it could not be looked up.")
            elif parcel.number in asked and there is not None and parcel.number in there:
                results[parcel.number] = adopted(parcel, there[parcel.number])
            elif parcel.number in asked and _says_taken(messages):
                results[parcel.number] = Unknown(f"Xero says that the number is taken, and does not show it yet: {'; '.join(messages)}")
            else:
                results[parcel.number] = refused(messages)
        return results


def adopted(parcel: Parcel, record: Record) -> Posted | Refused:
    """What is there under our number: ours, or something else."""
    told = strangeness(record, parcel.expected) if parcel.expected else []
    if not told:
        return Posted(record, was_there=True)
    if is_gone(record):
        return _voided(parcel, record)
    text = f"Xero has another document under the number {parcel.number}: {'; '.join(told)}."
    step = "Compare both in Xero; give the one there another number, then: billhook deliveries retry {delivery}"
    return Refused("number_taken", text, step)


def _voided(parcel: Parcel, record: Record) -> Refused:
    """Xero keeps the number of what is voided, and nobody can give it another: this document cannot be there again."""
    status = text_of(record, "Status")
    text = f"{parcel.number} is {status} in Xero, which gives its number to no other document."
    step = "Leave it out: billhook deliveries cancel {delivery}. If it is owed after all, bill it anew under another number"
    if issued_in(parcel.consignment).draft.type is DocumentType.INVOICE:
        step += f": billhook invoices credit {parcel.number} --reissue --reason 'Voided in Xero'"
    return Refused("voided_there", text, step)


def renumbered(record: Record, kind: Kind, number: str) -> Refused | None:
    """Why what is there as ours must not be sent anew: it counts there, under another number. None where that is not so."""
    theirs = text_of(record, kind.number_name)
    if is_gone(record) or theirs.casefold() in {"", number.casefold()}:
        return None
    text = f"{number} is in Xero under the number {theirs}, which somebody gave it there: sent again, it would be booked twice."
    step = f"Give it the number {number} again in Xero, or void it there, then: {RETRY}"
    return Refused("renumbered_there", text, step)


@dataclass(frozen=True, slots=True)
class _Encoded:
    parcel: Parcel
    content: bytes


def chunks(parcels: Sequence[Parcel]) -> Iterator[list[_Encoded]]:
    """As many as go into one call, by number and by size, in order."""
    chunk: list[_Encoded] = []
    size = 0
    for parcel in parcels:
        content = exact_json.dumps(parcel.body)
        if chunk and (len(chunk) == BATCH_MAX or size + len(content) > _BYTES_MAX):
            yield chunk
            chunk, size = [], 0
        chunk.append(_Encoded(parcel, content))
        size += len(content)
    if chunk:
        yield chunk


def matched(parcels: Sequence[Parcel], elements: Sequence[Record], kind: Kind) -> dict[str, Record]:
    """The element of each parcel by its number; by its place where Xero names none and their count is the same."""
    by_number = {str(element.get(kind.number_name) or "").casefold(): element for element in elements}
    found = {parcel.number: by_number[parcel.number.casefold()] for parcel in parcels if parcel.number.casefold() in by_number}
    if not found and len(elements) == len(parcels):
        return {parcel.number: element for parcel, element in zip(parcels, elements, strict=True) if not element.get(kind.number_name)}
    return found


def _for_all(parcels: Sequence[Parcel], outcome: Outcome) -> Sequence[tuple[Parcel, Posted | Outcome]]:
    return [(parcel, outcome) for parcel in parcels]


def _says_taken(messages: Sequence[str]) -> bool:
    text = " ".join(messages).lower()
    return "unique" in text or ("already" in text and any(word in text for word in ("number", "exist", "use")))

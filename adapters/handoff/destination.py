"""Documents handed to a partner's endpoint: the destination of every kind that calls one."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import requests

from adapters.handoff.http import HttpHandOff
from adapters.handoff.settings import http_settings, soap_settings
from adapters.handoff.soap import SoapHandOff
from application.default_field_maps import default_field_map
from application.field_map_source import source_of
from application.ports.destination import CheckResult, Consignment, LaneContext, OrderDocument
from application.ports.handoff import HandOff
from domain.companies.integration import Integration
from domain.delivery.outcome import ConnectionLost, Delivered, LookUp, Outcome, Refused, RetryLater
from domain.errors import DomainError
from domain.mapping.errors import MappingFailed
from domain.mapping.field_map import FieldMap, parse_field_map

OpenSession = Callable[[], AbstractContextManager[requests.Session]]
_CORRECT_LOG_IN = "Correct the user name, the password or the key of the integration and apply the file."
_CORRECT_ADDRESS = "Correct the address of the integration and apply the file."
# What is wrong for every document, and what to do: a log-in that is refused, an address where nobody takes documents.
_OF_ALL = {"http_401": _CORRECT_LOG_IN, "soap_log_in": _CORRECT_LOG_IN}
_OF_ALL_OR_ONE = {
    "http_403": "Ask the partner to let this log-in do that.",
    "http_404": _CORRECT_ADDRESS,
    "http_405": "Correct the address or the method of the integration and apply the file.",
    "http_410": _CORRECT_ADDRESS,
    "http_415": "Correct the body of the integration (json, form, json_api) and apply the file.",
    "redirected": _CORRECT_ADDRESS,
}
_RETRY = "then `billhook deliveries retry {delivery}`."


@dataclass(frozen=True, slots=True)
class HandOffDestination:
    """Hands documents over one by one. ``integration`` is its path, for sentences that say where to correct something."""

    hand_off: HandOff
    field_map: FieldMap
    integration: str

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome]]:
        """Stops after a lost connection: the rest was not handed over.

        Raises DomainError for what is wrong with the whole lane. Its document had no effect there, and is said to be free again
        before that: it may have been noted as handed over.
        """
        accepted = False
        for consignment in batch:
            try:
                outcome = self._hand_over_one(consignment, handing_over)
                self._raise_lane_fault(outcome, consignment, accepted=accepted)
            except DomainError as fault:
                yield consignment, ConnectionLost(f"{fault.text} {fault.next_step}".strip())
                raise
            accepted = accepted or isinstance(outcome, Delivered)
            yield consignment, outcome
            if isinstance(outcome, ConnectionLost):
                return

    def look_up(self, consignment: Consignment) -> LookUp:
        """Whether it arrived, asked with the values that were sent.

        A map that was changed so that it fails leaves open what was sent: it is asked again, until somebody corrects the map.
        Raises DomainError where no document at all can be looked up.
        """
        try:
            payload = self._payload(consignment)
        except MappingFailed as failure:
            return RetryLater(f"To look it up, its values are needed, and {failure.text} {self._where(failure)}")
        try:
            return self.hand_off.look_up(payload, consignment.token)
        except DomainError as fault:
            raise self._lane_fault(fault.code, fault.text, consignment, fault.next_step) from fault

    def check(self) -> Sequence[CheckResult]:
        """The settings, the address and the log-in."""
        return self.hand_off.check()

    def preview(self, consignment: Consignment) -> str:
        """The request with the document's values. Raises DomainError where the map does not fit the document."""
        try:
            return self.hand_off.preview(self._payload(consignment))
        except MappingFailed as failure:
            raise DomainError(failure.code, failure.text, self._where(failure)) from None

    def _hand_over_one(self, consignment: Consignment, handing_over: Callable[[Sequence[Consignment]], None]) -> Outcome:
        try:
            payload = self._payload(consignment)
        except MappingFailed as failure:
            return Refused(failure.code, failure.text, f"{self._where(failure).rstrip('.')}, {_RETRY}")
        outcome = self.hand_off.send(payload, consignment.token, lambda: handing_over((consignment,)))
        return self._with_retry(outcome, consignment) if isinstance(outcome, Refused) else outcome

    def _raise_lane_fault(self, outcome: Outcome, consignment: Consignment, *, accepted: bool) -> None:
        """A log-in that is refused, or an address where nobody takes documents, is wrong for every document.

        403 and 404 may be about one document only (a product that this shop may not have). They are that where log-in and address
        were good for a document before it; where they come first, nobody knows, and a lane that waits costs less than a thousand
        refusals.
        """
        if isinstance(outcome, Refused) and (outcome.code in _OF_ALL or (outcome.code in _OF_ALL_OR_ONE and not accepted)):
            raise self._lane_fault(outcome.code, outcome.text, consignment)

    def _lane_fault(self, code: str, text: str, consignment: Consignment, next_step: str = "") -> DomainError:
        """What is wrong with the whole lane, with how it goes on once that is mended."""
        if code not in _OF_ALL and code not in _OF_ALL_OR_ONE:
            return DomainError(code, text, next_step)
        step = f"{next_step or {**_OF_ALL, **_OF_ALL_OR_ONE}[code]} Then `billhook resume --integration {self.integration}`."
        if code in _OF_ALL_OR_ONE:
            step += f" If only this document is refused: `billhook deliveries cancel dlv_{consignment.delivery_id}`."
        return DomainError(code, text, step)

    def _with_retry(self, refused: Refused, consignment: Consignment) -> Refused:
        """Values that do not fit are found before anything is sent, so it may be tried again once they are mended."""
        if refused.code != "invalid":
            return refused
        document = consignment.document
        name = f"--order {document.order.ref}" if isinstance(document, OrderDocument) else f"--invoice {document.display_number}"
        preview = f"`billhook integrations preview {self.integration} {name}` shows what it makes"
        return replace(refused, next_step=f"{refused.next_step.rstrip('.')} ({preview}) and apply the file, {_RETRY}")

    def _payload(self, consignment: Consignment) -> dict[str, Any]:
        payload: dict[str, Any] = _written_out(self.field_map.apply(source_of(consignment.document)))
        return payload

    def _where(self, failure: MappingFailed) -> str:
        """The entry of the map that made a field: ``rows[2].country`` is made by ``rows[].country``."""
        entry = re.sub(r"\[\d+\]", "[]", failure.path)
        what = f"the entry {entry!r} (its table, functions or default)" if entry else "it"
        return f"Correct {what} in the field_map of {self.integration} and apply the file, or mend the order."


def _written_out(value: Any) -> Any:
    """Decimals without an exponent, as the field map promises: into an element of text the SOAP library would write 1E+3."""
    if isinstance(value, dict):
        return {name: _written_out(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_written_out(inner) for inner in value]
    return Decimal(f"{value:f}") if isinstance(value, Decimal) else value


def field_map_of(integration: Integration) -> FieldMap:
    """The declared map, else that of the kind. Raises FieldMapRefused; that a declared one is right was seen on apply."""
    settings = integration.settings
    declared = settings.get("field_map") or default_field_map(integration.kind, str(settings.get("document") or "order"))
    return parse_field_map(declared, f"the field_map of {integration.path}")


@contextmanager
def open_http_hand_off(lane: LaneContext, *, open_session: OpenSession) -> Iterator[HandOffDestination]:
    """A hand-off over HTTP as the integration's settings say, over connections that are kept until the end."""
    field_map = field_map_of(lane.integration)
    with open_session() as session:
        hand_off = HttpHandOff(http_settings(lane.integration.settings, lane.secrets), session)
        yield HandOffDestination(hand_off, field_map, lane.integration.path)


@contextmanager
def open_soap_hand_off(lane: LaneContext, *, open_session: OpenSession) -> Iterator[HandOffDestination]:
    """A hand-off by a SOAP operation, as above. The WSDL is read when the first document is sent."""
    field_map = field_map_of(lane.integration)
    with open_session() as session:
        hand_off = SoapHandOff(soap_settings(lane.integration.settings, lane.secrets), session)
        yield HandOffDestination(hand_off, field_map, lane.integration.path)

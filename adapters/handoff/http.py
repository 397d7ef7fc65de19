"""Handing documents over by an HTTP call.

No idempotency header: an answer of 5xx, or none, leaves the delivery unknown, and it is looked up before anything is sent again.
With one, the partner promises to drop what comes a second time, so sending again settles what is unknown.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import requests

from adapters.handoff.answer import Answer
from adapters.handoff.call import Call, Caller, CallFailed
from adapters.handoff.http_outcome import explained, is_success, outcome_of, remote_id
from adapters.handoff.http_request import compose, encode, log_in_headers
from adapters.handoff.places import filled, filled_with, has_value, value_at
from adapters.handoff.redaction import Redaction
from application.ports.destination import CheckResult
from application.ports.handoff import HttpHandOffSettings
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, NotThere, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, Invalid

_GONE = frozenset({404, 410})
# No document at all can be looked up: a log-in that may not, an address that takes no GET.
_CORRECT_LOOK_UP = "Correct look_up_url of the integration and apply the file."
_NO_LOOK_UP = {
    401: "Correct the user name, the password or the key of the integration and apply the file.",
    403: "Ask the partner to let this log-in look documents up, or take look_up_url away: then a person is asked.",
    405: _CORRECT_LOOK_UP,
}
_REDIRECTS = range(300, 400)
_NOBODYS = "billhook-check"
_LOOKS_SENT = "Correct look_up_url, or name look_up_path or look_up_match: as it is, what was lost would count as delivered."
_FOUND = range(200, 300)
_NO_LOG_IN = frozenset({401, 403})
_BUSY = frozenset({408, 425, 429})
_SERVER_ERROR = 500


class HttpHandOff:
    """The hand-off of one integration over one session."""

    def __init__(self, settings: HttpHandOffSettings, session: requests.Session) -> None:
        self._settings = settings
        self._redaction = Redaction((settings.password, settings.auth_key, settings.hmac_key), settings.username)
        self._caller = Caller(session, settings.timeouts, self._redaction)

    def send(self, payload: Mapping[str, Any], token: str, handing_over: Callable[[], None]) -> Outcome:
        """Call once. A mistake in settings (raised) or values is found before the connection is made."""
        self._require_settings()
        try:
            call = compose(self._settings, payload, token, handing_over)
        except Invalid as mistake:
            return Refused(mistake.code, self._redaction.short(mistake.text), mistake.next_step)
        try:
            return outcome_of(self._caller.answer(call, self._settings.answer_bytes_max), self._settings, self._redaction)
        except CallFailed as failed:
            return failed.outcome

    def look_up(self, payload: Mapping[str, Any], token: str) -> LookUp:
        """Ask ``look_up_url``; without one, sending again is the look-up where the partner drops repetitions."""
        if not self._settings.look_up_url:
            return NotThere() if self._settings.idempotency_header else CannotTell(self._how_to_check(token))
        try:
            call = Call("GET", filled(self._settings.look_up_url, payload, token), log_in_headers(self._settings))
        except Invalid as mistake:
            return CannotTell(f"{self._redaction.short(mistake.text)} {self._how_to_check(token)}")
        try:
            answer = self._caller.answer(call, self._settings.answer_bytes_max)
        except CallFailed as failed:
            return RetryLater(_reason(failed.outcome))
        return self._looked_up(answer, payload, token)

    def check(self) -> Sequence[CheckResult]:
        """Ask by OPTIONS, which has no effect, whether the address answers and takes the log-in."""
        settings = self._settings_checked()
        if not settings.ok:
            return [settings]
        try:
            answer = self._caller.answer(
                Call("OPTIONS", self._settings.url, log_in_headers(self._settings)), self._settings.answer_bytes_max
            )
        except DomainError as refusal:
            return [settings, CheckResult("address", ok=False, detail=refusal.text, next_step=refusal.next_step)]
        except CallFailed as failed:
            step = "Correct the url, or ask the partner whether the service is up."
            return [settings, CheckResult("address", ok=False, detail=_reason(failed.outcome), next_step=step)]
        return [settings, *_answers(answer), *self._look_up_checked()]

    def preview(self, payload: Mapping[str, Any]) -> str:
        """The request, secrets hidden."""
        call = compose(self._settings, payload, "(token)", lambda: None)
        headers = "\n".join(f"{name}: {value}" for name, value in call.headers.items())
        body = encode(self._settings.body, payload).decode()
        return self._redaction.hide(f"{call.method} {call.url}\n{headers}\n\n{body}\n")

    def _look_up_checked(self) -> Sequence[CheckResult]:
        """Ask for a document that nobody sent. An address that finds it would have every lost document count as delivered."""
        if not self._settings.look_up_url:
            return []
        call = Call("GET", filled_with(self._settings.look_up_url, _NOBODYS), log_in_headers(self._settings))
        try:
            answer = self._caller.answer(call, self._settings.answer_bytes_max)
            found = self._looked_up(answer, {}, _NOBODYS)
        except DomainError as refusal:
            return [CheckResult("look-up", ok=False, detail=refusal.text, next_step=refusal.next_step)]
        except CallFailed as failed:
            return [CheckResult("look-up", ok=False, detail=_reason(failed.outcome), next_step=_CORRECT_LOOK_UP)]
        detail = f"answers with {answer.status} about a document that nobody sent"
        if isinstance(found, Delivered | RetryLater):
            return [
                CheckResult("look-up", ok=False, detail=detail, next_step=_LOOKS_SENT if isinstance(found, Delivered) else found.reason)
            ]
        return [CheckResult("look-up", ok=True, detail=detail)]

    def _looked_up(self, answer: Answer, payload: Mapping[str, Any], token: str) -> LookUp:
        if answer.status in _GONE:
            return NotThere()
        if answer.status in _BUSY or answer.status >= _SERVER_ERROR:
            return RetryLater(f"The partner answered the look-up with {answer.status}", answer.retry_after_s)
        if answer.status in _NO_LOOK_UP or answer.status in _REDIRECTS:
            raise self._no_look_up(answer)
        if answer.status not in _FOUND:
            return CannotTell(f"The partner answered the look-up with {answer.status}. {self._how_to_check(token)}")
        return self._found(answer, payload, token)

    def _no_look_up(self, answer: Answer) -> DomainError:
        code = "redirected" if answer.status in _REDIRECTS else f"http_{answer.status}"
        text = f"The partner answered the look-up with {answer.status}: {self._redaction.short(explained(answer))}"
        return DomainError(code, text, _NO_LOOK_UP.get(answer.status, _CORRECT_LOOK_UP))

    def _found(self, answer: Answer, payload: Mapping[str, Any], token: str) -> LookUp:
        try:
            document = answer.json()
        except ValueError as error:
            if self._settings.look_up_path or self._settings.look_up_match:
                return RetryLater(f"The partner's answer to the look-up cannot be read: {error}")
            return Delivered()
        if self._settings.look_up_path and not has_value(document, self._settings.look_up_path):
            return NotThere()
        match = self._settings.look_up_match
        if match and str(value_at(document, match)) != str(value_at(payload, match)):
            return CannotTell(f"The partner's answer to the look-up is about another document, by its {match}. {self._how_to_check(token)}")
        return Delivered(remote_id(document, self._settings.remote_id_path))

    def _how_to_check(self, token: str) -> str:
        named = f" (it was sent as {self._settings.idempotency_header}: {token})" if self._settings.idempotency_header else ""
        return (
            f"Look at the partner whether the document arrived{named}. If it is there, mark the delivery as delivered; if not, "
            "retry it. With look_up_url Billhook looks by itself."
        )

    def _settings_checked(self) -> CheckResult:
        try:
            self._require_settings()
        except DomainError as mistake:
            return CheckResult("settings", ok=False, detail=mistake.text, next_step=mistake.next_step)
        return CheckResult("settings", ok=True, detail="complete")

    def _require_settings(self) -> None:
        """Raises DomainError where no document at all could be sent. The values of one are not known here; the rest is tried."""
        compose(self._settings, {"data": "-"}, "-", lambda: None)
        is_success(0, self._settings.success_status)


def _reason(outcome: Outcome) -> str:
    return outcome.reason if isinstance(outcome, ConnectionLost | RetryLater | Unknown) else "no answer"


def _answers(answer: Answer) -> Sequence[CheckResult]:
    works = answer.status < _SERVER_ERROR
    address = CheckResult("address", ok=works, detail=f"answers with {answer.status}", next_step="" if works else "Try again later.")
    if answer.status in _NO_LOG_IN:
        step = "Correct the user name, the password or the key."
        return [address, CheckResult("log-in", ok=False, detail=f"the partner answered {answer.status}", next_step=step)]
    return [address]

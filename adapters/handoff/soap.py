"""Handing documents over by a call of a SOAP operation.

A fault that blames the caller (Client, Sender, a log-in) is a refusal: by SOAP 1.1, 4.4.1 and 1.2, 5.4.6 the message must be
changed, and it was not carried out. A fault that blames the server (Server, Receiver), or one of the partner's own naming, came
after the document was sent and does not say how far it got: the delivery is unknown, and never sent again by itself.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import requests
from zeep.exceptions import Fault

from adapters.handoff.call import Call, Caller, CallFailed
from adapters.handoff.http_outcome import failure_of, remote_id
from adapters.handoff.places import has_value
from adapters.handoff.redaction import Redaction
from adapters.handoff.soap_service import LIBRARY_ERRORS, SoapService, log_in_headers
from adapters.handoff.soap_transport import SoapTransport
from application.ports.destination import CheckResult
from application.ports.handoff import SoapHandOffSettings, SoapLogIn
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, Invalid

_CALLERS_FAULT = frozenset({"client", "sender", "mustunderstand", "versionmismatch", "dataencodingunknown"})
# WSS SOAP Message Security 1.1.1, section 12.
_LOG_IN_FAULT = frozenset(
    {
        "failedauthentication",
        "failedcheck",
        "invalidsecurity",
        "invalidsecuritytoken",
        "securitytokenunavailable",
        "unsupportedsecuritytoken",
        "unsupportedalgorithm",
        "messageexpired",
    }
)
_CORRECT = "Correct what the partner complains about, then `billhook deliveries retry {delivery}`."
_CORRECT_LOG_IN = "Correct the user name or the password of the integration, then `billhook deliveries retry {delivery}`."
_CORRECT_MAP = "Correct the field map."
_LOOK = "Look at the partner whether the document arrived, then mark it delivered or retry it."


class SoapHandOff:
    """The hand-off of one integration over one session. The WSDL is read once, when it is first needed."""

    def __init__(self, settings: SoapHandOffSettings, session: requests.Session) -> None:
        self._settings = settings
        self._redaction = Redaction((settings.password,), settings.username)
        self._caller = Caller(session, settings.timeouts, self._redaction)
        self._transport = SoapTransport(settings, self._caller, self._redaction, log_in_headers(settings))
        self._service: SoapService | None = None

    def send(self, payload: Mapping[str, Any], token: str, handing_over: Callable[[], None]) -> Outcome:
        """Call once. SOAP has no place for the token; a partner who wants one gets it by the field map."""
        del token
        try:
            service = self._open()
            service.require_operation()
            return self._call(service, payload, handing_over)
        except CallFailed as failed:
            return failed.outcome
        except Invalid:  # names of the settings
            raise
        except DomainError as fault:
            raise DomainError(fault.code, self._redaction.short(fault.text), fault.next_step) from fault

    def look_up(self, payload: Mapping[str, Any], token: str) -> LookUp:
        """SOAP has no common way to ask; a person can."""
        del payload, token
        return CannotTell(
            f"Look at the partner whether the document arrived by {self._settings.operation}. If it is there, mark the delivery as "
            "delivered; if not, retry it."
        )

    def check(self) -> Sequence[CheckResult]:
        """Read the WSDL anew, look for the operation, and connect to where calls go."""
        self._service = None
        try:
            service = self._open()
        except DomainError as mistake:
            return [CheckResult("wsdl", ok=False, detail=self._redaction.short(mistake.text), next_step=mistake.next_step)]
        except CallFailed as failed:
            return [_unreachable("wsdl", failed.outcome)]
        found = CheckResult("wsdl", ok=True, detail=service.offers)
        try:
            service.require_operation()
        except Invalid as mistake:
            return [found, CheckResult("operation", ok=False, detail=mistake.text, next_step=mistake.next_step)]
        return [found, CheckResult("operation", ok=True, detail=self._settings.operation), self._log_in(), self._reached(service.address)]

    def preview(self, payload: Mapping[str, Any]) -> str:
        """The envelope, the password hidden; where the values do not fit the schema, why, and these. Raises DomainError without a WSDL."""
        try:
            service = self._open()
        except CallFailed as failed:
            raise DomainError("wsdl_unusable", _unreachable("wsdl", failed.outcome).detail, "Correct wsdl.") from failed
        service.require_operation()
        try:
            return self._redaction.hide(service.envelope(payload))
        except LIBRARY_ERRORS as error:
            values = json.dumps(payload, indent=2, default=str, ensure_ascii=False)
            text = f"It cannot be sent: {self._misfit(service, payload, error)}\nThe field map made:\n{values}\n"
            return self._redaction.hide(text)

    def _misfit(self, service: SoapService, payload: Mapping[str, Any], error: Exception) -> str:
        field = service.misfit(payload)
        where = f"field_map.{field}" if field else "field_map"
        return f"{where}: its values do not fit the WSDL: {error}"

    def _open(self) -> SoapService:
        if self._service is None:
            self._service = SoapService(self._settings, self._transport)
        return self._service

    def _call(self, service: SoapService, payload: Mapping[str, Any], handing_over: Callable[[], None]) -> Outcome:
        self._transport.begin(handing_over)
        try:
            return self._accepted(service.call(payload))
        except Fault as fault:
            return self._faulted(fault)
        except LIBRARY_ERRORS as error:
            if self._transport.handed_over:
                return Unknown(self._redaction.short(f"The document was sent, and the answer cannot be read: {error}"))
            return Refused("invalid", self._redaction.short(self._misfit(service, payload, error)), _CORRECT_MAP)

    def _accepted(self, answer: Any) -> Outcome:
        if self._settings.success_path and not has_value(answer, self._settings.success_path):
            text = f"The partner answered without a value at {self._settings.success_path}: {self._redaction.short(str(answer))}"
            return Refused("not_accepted", text, _LOOK)
        return Delivered(remote_id=remote_id(answer, self._settings.remote_id_path))

    def _faulted(self, fault: Fault) -> Outcome:
        if fault.code is None and self._transport.answer is not None:
            return failure_of(self._transport.answer, self._redaction, repeat_is_safe=False)
        codes = [_plain_code(str(code)) for code in (*(fault.subcodes or ()), fault.code)]
        text = self._redaction.short(f"{fault.message or 'The partner gave no reason'} {_detail(fault)}")
        if any(code in _LOG_IN_FAULT for code in codes):
            return Refused("soap_log_in", text, _CORRECT_LOG_IN)
        if codes[-1] in _CALLERS_FAULT:
            return Refused("soap_fault", text, _CORRECT)
        return Unknown(f"The partner's server failed while it had the document ({self._redaction.short(str(fault.code))}): {text}")

    def _log_in(self) -> CheckResult:
        complete = self._settings.log_in is SoapLogIn.NONE or bool(self._settings.username and self._settings.password)
        step = "" if complete else "Set the username and the password of the integration."
        return CheckResult("log-in", ok=complete, detail=f"{self._settings.log_in}, tried with the first document", next_step=step)

    def _reached(self, address: str) -> CheckResult:
        try:
            answer = self._caller.answer(Call("OPTIONS", address, log_in_headers(self._settings)), self._settings.answer_bytes_max)
        except DomainError as refusal:
            return CheckResult("address", ok=False, detail=refusal.text, next_step=refusal.next_step)
        except CallFailed as failed:
            return _unreachable("address", failed.outcome)
        return CheckResult("address", ok=True, detail=f"{self._redaction.hide(address)} answers ({answer.status})")


def _unreachable(name: str, outcome: Outcome) -> CheckResult:
    reason = outcome.reason if isinstance(outcome, RetryLater | ConnectionLost | Unknown) else "no answer"
    return CheckResult(name, ok=False, detail=reason, next_step="Correct the address, or ask the partner whether the service is up.")


def _plain_code(code: str) -> str:
    """``soap:Client.Authentication`` and ``{namespace}Sender`` without prefix and detail, in lower case."""
    return code.rpartition("}")[2].rpartition(":")[2].partition(".")[0].lower()


def _detail(fault: Fault) -> str:
    if fault.detail is None or isinstance(fault.detail, str | bytes):
        return ""
    return " ".join(" ".join(text.split()) for text in fault.detail.itertext() if text.strip())

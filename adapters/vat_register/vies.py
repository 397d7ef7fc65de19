"""VAT numbers asked of VIES, the European Commission's way to the member states' registers (port ``application/ports/vat_checks.py``).

Source: the description in the service's WSDL, with its fault strings. A fault that concerns the service or a member state is never an
answer about the number.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import requests

from adapters.vat_register.vat_numbers import PREFIXES, VatNumber, vat_number_of
from adapters.vat_register.vies_call import ViesTimeouts, exchange
from application.ports.clock import Clock
from application.ports.vat_checks import VatCheck
from domain.errors import DomainError, TemporaryFailure

if TYPE_CHECKING:
    from adapters.vat_register.vies_service import ViesService

VIES_URL = "https://ec.europa.eu/taxation_customs/vies/services/checkVatService"
_INVALID = "INVALID_INPUT"
_REQUESTER = "INVALID_REQUESTER_INFO"
_BLOCKED = {
    "VAT_BLOCKED": "VIES does not answer about this VAT number.",
    "IP_BLOCKED": "VIES does not answer to this network address.",
}
# How a country says that it does not disclose a name or an address.
_UNDISCLOSED = "---"

Sessions = Callable[[], AbstractContextManager[requests.Session]]


class ViesVatRegister:
    """Asks one question at a time about each country, since VIES limits how many run at once for a member state.

    The session is the caller's, opened anew for each question; nothing is sent outside of it and no redirect is followed.
    """

    def __init__(self, sessions: Sessions, clock: Clock, url: str = VIES_URL, timeouts: ViesTimeouts | None = None) -> None:
        self._sessions = sessions
        self._clock = clock
        self._url = url
        self._timeouts = timeouts or ViesTimeouts()
        self._turns = {country: threading.Lock() for country in PREFIXES}

    def check(self, vat_number: str, requester: str) -> VatCheck:
        asked, own = vat_number_of(vat_number), vat_number_of(requester)
        if own.text and not (own.is_covered and own.is_well_formed):
            raise _requester_invalid(own)
        if not asked.is_covered:
            return self._known(asked, valid=None, reason=f"VIES does not answer for numbers that begin with {asked.text[:2] or 'nothing'}.")
        if not asked.is_well_formed:
            return self._known(asked, valid=False, reason="It does not have the form of a VAT number.")
        with self._turn(asked.country):
            return self._asked(asked, own)

    def _asked(self, asked: VatNumber, own: VatNumber) -> VatCheck:
        from adapters.vat_register.vies_service import FaultAnswered, Unreadable  # noqa: PLC0415 - zeep takes a while to load

        service = _service()
        operation, values = _question(asked, own)
        with self._sessions() as session:
            reply = exchange(session, self._url, service.envelope(operation, values), self._timeouts)
        try:
            answer = service.answer(operation, reply)
        except FaultAnswered as fault:
            return self._faulted(asked, own, fault.text)
        except Unreadable as error:
            raise TemporaryFailure(f"VIES did not answer: {error}") from error
        return self._read(asked, own, answer)

    def _read(self, asked: VatNumber, own: VatNumber, answer: Any) -> VatCheck:
        if (answer.countryCode, str(answer.vatNumber).upper()) != (asked.country, asked.number):
            raise TemporaryFailure(f"VIES answered, but not about {asked.text}.")
        name, address = (answer.traderName, answer.traderAddress) if own.text else (answer.name, answer.address)
        consultation = str(answer.requestIdentifier or "") if own.text else ""
        if own.text and answer.valid and not consultation:
            # Without it there is nothing to show to a tax office.
            raise TemporaryFailure(f"VIES answered about {asked.text} without a consultation number.")
        reason = "" if answer.valid else "VIES says that it is not valid."
        return VatCheck(asked.text, answer.valid, consultation, _disclosed(name), _disclosed(address), self._clock.now(), reason)

    def _faulted(self, asked: VatNumber, own: VatNumber, fault: str) -> VatCheck:
        code = fault.strip().upper()
        if code == _INVALID:
            return self._known(asked, valid=False, reason="VIES says that it is no VAT number (INVALID_INPUT).")
        if code == _REQUESTER:
            raise _requester_invalid(own)
        if code in _BLOCKED:
            raise DomainError("vat_check_blocked", f"{_BLOCKED[code]} ({code})", "Ask the help desk of VIES to lift the block.")
        # All others say that the service, or the register of the country, cannot answer now; so does a word that is new.
        raise TemporaryFailure(f"VIES cannot answer about {asked.text} now: {code or 'no reason given'}.")

    def _known(self, asked: VatNumber, *, valid: bool | None, reason: str) -> VatCheck:
        return VatCheck(asked.text, valid, "", "", "", self._clock.now(), reason)

    @contextmanager
    def _turn(self, country: str) -> Iterator[None]:
        turn = self._turns[country]
        if not turn.acquire(timeout=self._timeouts.turn_s):
            raise TemporaryFailure(f"Other questions about {country} are still with VIES.")
        try:
            yield
        finally:
            turn.release()


@cache
def _service() -> "ViesService":
    from adapters.vat_register.vies_service import ViesService  # noqa: PLC0415 - as above

    return ViesService()


def _question(asked: VatNumber, own: VatNumber) -> tuple[str, dict[str, str]]:
    """The operation and its values. Only checkVatApprox gives a consultation number, and only to a requester."""
    values = {"countryCode": asked.country, "vatNumber": asked.number}
    if not own.text:
        return "checkVat", values
    return "checkVatApprox", {**values, "requesterCountryCode": own.country, "requesterVatNumber": own.number}


def _disclosed(text: str | None) -> str:
    lines = [" ".join(line.split()) for line in (text or "").splitlines()]
    found = "\n".join(line for line in lines if line)
    return "" if found == _UNDISCLOSED else found


def _requester_invalid(own: VatNumber) -> DomainError:
    text = f"VIES does not accept {own.text} as the VAT number of the one who asks."
    return DomainError("vat_requester_invalid", text, "Correct vat_number of the admin company, then `billhook apply`.")

"""One HTTP call, and what it means for a delivery where no answer comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ssl import SSLCertVerificationError

import requests
from requests.exceptions import InvalidHeader, InvalidSchema, InvalidURL, MissingSchema, RequestException, SSLError

from adapters.handoff.answer import Answer, read_answer
from adapters.handoff.body import HandedOverBody, NotHandedOver
from adapters.handoff.redaction import Redaction
from application.ports.handoff import HandOffTimeouts
from domain.delivery.outcome import ConnectionLost, Outcome, Unknown
from domain.errors import DomainError, TemporaryFailure

_MALFORMED = (InvalidHeader, InvalidSchema, InvalidURL, MissingSchema)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it goes out. The body is None for one that only asks."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: HandedOverBody | None = None


class CallFailed(Exception):
    """No answer; ``outcome`` says what that means. It is Unknown only where the body was handed over."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


class Caller:
    """Makes calls over one session. Redirects are answers like others: they are never followed."""

    def __init__(self, session: requests.Session, timeouts: HandOffTimeouts, redaction: Redaction) -> None:
        self._session = session
        self._timeouts = timeouts
        self._redaction = redaction

    def answer(self, call: Call, bytes_max: int) -> Answer:
        """The partner's answer.

        Raises CallFailed, what ``handing_over`` raised, and DomainError where no call to this address can be made at all.
        """
        try:
            response = self._session.request(
                call.method,
                call.url,
                data=call.body,
                # What is packed could unpack to a thousand times its size.
                headers={"Accept-Encoding": "identity", **call.headers},
                timeout=(self._timeouts.connect_s, self._timeouts.read_s),
                allow_redirects=False,
                stream=True,
            )
        except NotHandedOver as refusal:
            raise refusal.__cause__ or refusal from None
        except DomainError as refusal:
            raise DomainError(refusal.code, self._redaction.short(refusal.text), refusal.next_step) from refusal
        except TemporaryFailure as failure:
            raise CallFailed(ConnectionLost(self._redaction.short(failure.text))) from failure
        except _MALFORMED as error:
            text = self._redaction.short(f"The request cannot be made: {error}.")
            raise DomainError("bad_request", text, "Correct the address or the headers of the integration.") from error
        except (RequestException, OSError) as error:
            raise CallFailed(self._lost(call, error)) from error
        return read_answer(response, self._timeouts, bytes_max)

    def _lost(self, call: Call, error: Exception) -> Outcome:
        """Before the document left, what is wrong is wrong for all: the lane waits once, and not each document for its own timeout."""
        reason = self._redaction.short(_innermost(error))
        if call.body is not None and call.body.handed_over:
            return Unknown(f"The document was sent and no answer came: {reason}")
        if isinstance(error, SSLError):
            return ConnectionLost(f"The connection could not be secured, so nothing was sent: {reason}")
        return ConnectionLost(f"The partner cannot be reached: {reason}")


def _innermost(error: BaseException) -> str:
    """What the system said. The library's own sentence holds the address, and the address may hold secrets."""
    while True:
        inner = error.__cause__ or error.__context__
        if inner is None:
            break
        error = inner
    if isinstance(error, SSLCertVerificationError):
        return f"the certificate is not valid ({error.verify_message})"
    return str(error) or type(error).__name__

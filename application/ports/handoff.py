"""Handing a document to a trade partner's endpoint, as plain values that a field map made of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from application.ports.destination import CheckResult
from domain.delivery.outcome import LookUp, Outcome


class HttpBody(StrEnum):
    """How values become the body of a request. ``json_api`` is JSON with the media type of JSON:API 1.0.

    There ``included`` may be a group of attributes by type, which becomes the standard's list of resources of many types.
    """

    JSON = "json"
    FORM = "form"
    JSON_API = "json_api"


@dataclass(frozen=True, slots=True)
class HandOffTimeouts:
    """How long to wait, in seconds: for a connection, for the next bytes of an answer, and for the whole of it."""

    connect_s: float = 10.0
    read_s: float = 60.0
    answer_s: float = 120.0


@dataclass(frozen=True, slots=True)
class HttpHandOffSettings:
    """A call over HTTP.

    Log-in: ``auth_key`` goes into ``auth_header`` behind ``auth_prefix`` (MWW: ``auth-key=``), else user name and password
    by basic authentication. ``idempotency_header`` carries the delivery's token: only name it where the partner promises to
    drop what comes a second time, since what is uncertain is then sent again. ``hmac_key`` signs the body's bytes:
    ``signature_header: sha256=<hex>``.

    Success: a status of ``success_status`` (``201`` or ``200-299``) and, where given, a value at ``success_path`` in the
    JSON answer (``data.id``, ``orders[0].ref``). ``remote_id_path`` is where the partner's own name for the document stands.

    ``look_up_url`` is asked by GET about a document whose answer was lost. ``{token}`` in it is the delivery's token,
    any other name in braces a place in the values (``{data.attributes.vendor-po}``). There it is on a 2xx (with a value at
    ``look_up_path`` where that is given), and not there on 404 or 410. ``look_up_match`` is a place that must hold the same in
    the answer as in what was sent: for partners whose address also finds by ids of their own.
    """

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: HttpBody = HttpBody.JSON
    username: str = ""
    password: str = field(default="", repr=False)
    auth_key: str = field(default="", repr=False)
    auth_header: str = "Authorization"
    auth_prefix: str = ""
    idempotency_header: str = ""
    hmac_key: str = field(default="", repr=False)
    signature_header: str = "X-Signature"
    success_status: tuple[str, ...] = ("200-299",)
    success_path: str = ""
    remote_id_path: str = ""
    look_up_url: str = ""
    look_up_path: str = ""
    look_up_match: str = ""
    timeouts: HandOffTimeouts = HandOffTimeouts()
    answer_bytes_max: int = 1_000_000


class SoapLogIn(StrEnum):
    """How a SOAP call says who calls. ``digest`` is UsernameToken with a hashed password (WS-Security 1.1)."""

    NONE = "none"
    BASIC = "basic"
    USERNAME_TOKEN = "username_token"  # noqa: S105 - the name of a standard
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class SoapHandOffSettings:
    """A call of one operation of a SOAP service.

    ``wsdl`` is an https address or the path of a file. ``service`` and ``port_name`` may be empty where the WSDL has one.
    ``address`` replaces the one in the WSDL. ``success_path`` and ``remote_id_path`` are as for HTTP, in the answer's elements.
    """

    wsdl: str
    operation: str
    service: str = ""
    port_name: str = ""
    address: str = ""
    log_in: SoapLogIn = SoapLogIn.NONE
    username: str = ""
    password: str = field(default="", repr=False)
    success_path: str = ""
    remote_id_path: str = ""
    timeouts: HandOffTimeouts = HandOffTimeouts()
    answer_bytes_max: int = 1_000_000
    wsdl_bytes_max: int = 10_000_000


class HandOff(Protocol):
    """One partner's endpoint, over connections that live as long as the lane's turn."""

    def send(self, payload: Mapping[str, Any], token: str, handing_over: Callable[[], None]) -> Outcome:
        """Hand the values over, once.

        ``handing_over`` is called when the connection stands, right before the body goes out; it may raise LeaseVoid. Before
        that the outcome is never Unknown, after it an answer that is lost or uncertain always is.

        Raises DomainError where settings, address or WSDL let no document at all be sent: nothing was handed over.
        """
        ...

    def look_up(self, payload: Mapping[str, Any], token: str) -> LookUp:
        """Whether the values that were handed over without an answer arrived. ``payload`` is what was sent. Raises as ``send``."""
        ...

    def check(self) -> Sequence[CheckResult]:
        """Ask the partner, live, whether calls can work. Sends no document."""
        ...

    def preview(self, payload: Mapping[str, Any]) -> str:
        """What would be sent, as text for people, without secrets. Connects to nothing but the address of a WSDL."""
        ...

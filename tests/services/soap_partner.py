"""A trade partner's SOAP service, held to its own schema: what does not fit is answered with a Client fault."""

import base64
import hashlib
import ssl
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from xml.sax.saxutils import escape

from lxml import etree

from tests.services.http_partner import HttpPartner, Planned, Received

_FOLDER = Path(__file__).parent
_ENVELOPES = {
    "http://schemas.xmlsoap.org/soap/envelope/": "text/xml; charset=utf-8",
    "http://www.w3.org/2003/05/soap-envelope": "application/soap+xml; charset=utf-8",
}
_ORDERS = "urn:example:partner:orders"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_WSSE, _WSU = f"{{{_OASIS}-wssecurity-secext-1.0.xsd}}", f"{{{_OASIS}-wssecurity-utility-1.0.xsd}}"
_PROFILE = f"{_OASIS}-username-token-profile-1.0"
_TOKEN_LASTS = timedelta(minutes=5)
USERNAME, PASSWORD = "billhook", "Pässwort&<1>"


class SoapPartner(HttpPartner):
    """Serves its WSDL at /service?wsdl and takes calls at /service.

    ``faults`` are codes to answer the next valid calls with instead of a result, before anything is kept; ``orders`` are the
    references of what was kept. ``log_in`` is "", "text" or "digest": how a UsernameToken has to come.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, log_in: str = "") -> None:
        self.faults: deque[str] = deque()
        self.results: deque[str] = deque()
        self.orders: list[str] = []
        self.envelopes: list[Any] = []
        self.fetched: list[str] = []
        self.nonces: set[str] = set()
        self.log_in = log_in
        self._schema = etree.XMLSchema(etree.parse(_FOLDER / "partner.xsd"))
        self._orders_lock = threading.Lock()
        super().__init__(tls)

    def __enter__(self) -> Self:
        return self

    @property
    def wsdl(self) -> str:
        """The address of its WSDL."""
        return self.url("/service?wsdl")

    def write_wsdl(self, folder: Path) -> Path:
        """The WSDL and its schema as files, as partners send them by mail."""
        (folder / "partner.xsd").write_bytes((_FOLDER / "partner.xsd").read_bytes())
        path = folder / "partner.wsdl"
        path.write_bytes(self.wsdl_text())
        return path

    def wsdl_text(self) -> bytes:
        """The WSDL with its address filled in."""
        return (_FOLDER / "partner.wsdl").read_text(encoding="utf-8").replace("@ADDRESS@", self.url("/service")).encode()

    def _usual(self, request: Received) -> Planned:
        if request.method == "GET":
            self.fetched.append(request.path)
            return self._document(request.path)
        if request.method == "OPTIONS":
            return Planned(405, b"")
        with self._orders_lock:
            return self._called(request.body)

    def _document(self, path: str) -> Planned:
        if path == "/service?wsdl":
            return Planned(200, self.wsdl_text(), {"Content-Type": "text/xml"})
        if path == "/partner.xsd":
            return Planned(200, (_FOLDER / "partner.xsd").read_bytes(), {"Content-Type": "text/xml"})
        return Planned(404, b"")

    def _called(self, content: bytes) -> Planned:
        envelope = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        namespace = etree.QName(envelope).namespace
        self.envelopes.append(envelope)
        if not self._knows(envelope):
            return fault(namespace, "Security", "wsse:FailedAuthentication", f"{PASSWORD} is not the password")
        order = envelope.find(f"{{{namespace}}}Body")[0]
        if not self._schema.validate(order):
            return fault(namespace, "Client", "", str(self._schema.error_log.last_error))
        if self.faults:
            return fault(namespace, self.faults.popleft(), "", "no room for it")
        self.orders.append(order.findtext(f"{{{_ORDERS}}}reference"))
        inner = self.results.popleft() if self.results else f"<transactionId>{len(self.orders)}</transactionId>"
        return _answer(namespace, 200, f'<SendOrderResult xmlns="{_ORDERS}">{inner}</SendOrderResult>')

    def _knows(self, envelope: Any) -> bool:
        """By OASIS' UsernameToken Profile 1.1: names and kinds as they are written there; a digest is of now and of one call."""
        if not self.log_in:
            return True
        token = envelope.find(f"{{{etree.QName(envelope).namespace}}}Header/{_WSSE}Security/{_WSSE}UsernameToken")
        if token is None or token.findtext(f"{_WSSE}Username") != USERNAME:
            return False
        password = token.find(f"{_WSSE}Password")
        if self.log_in == "text":
            return password is not None and (password.get("Type"), password.text) == (f"{_PROFILE}#PasswordText", PASSWORD)
        return password is not None and password.get("Type") == f"{_PROFILE}#PasswordDigest" and self._is_fresh_digest(token, password.text)

    def _is_fresh_digest(self, token: Any, digest: str) -> bool:
        nonce = token.findtext(f"{_WSSE}Nonce")
        age = datetime.now(UTC) - datetime.fromisoformat(token.findtext(f"{_WSU}Created"))
        is_new = nonce not in self.nonces and abs(age) < _TOKEN_LASTS
        self.nonces.add(nonce)
        return is_new and digest == _digest(token)


def fault(namespace: str, code: str, subcode: str, text: str) -> Planned:
    """A fault in the version of SOAP that the namespace stands for; ``code`` is by the names of SOAP 1.1."""
    if namespace == "http://schemas.xmlsoap.org/soap/envelope/":
        inner = (
            f"<faultcode>{subcode or 'e:' + code}</faultcode><faultstring>{escape(text)}</faultstring><detail><why>because</why></detail>"
        )
    else:
        value = {"Client": "Sender", "Server": "Receiver", "Security": "Sender"}.get(code, code)
        below = f"<e:Subcode><e:Value>{subcode}</e:Value></e:Subcode>" if subcode else ""
        inner = f'<e:Code><e:Value>e:{value}</e:Value>{below}</e:Code><e:Reason><e:Text xml:lang="en">{escape(text)}</e:Text></e:Reason>'
    return _answer(namespace, 500, f'<e:Fault xmlns:wsse="urn:example:security">{inner}</e:Fault>')


def _answer(namespace: str, status: int, inner: str) -> Planned:
    content = f'<?xml version="1.0"?><e:Envelope xmlns:e="{namespace}"><e:Body>{inner}</e:Body></e:Envelope>'
    return Planned(status, content.encode(), {"Content-Type": _ENVELOPES[namespace]})


def _digest(token: Any) -> str:
    """Base64(SHA-1(nonce + created + password)), UsernameToken Profile 1.1, 3.1."""
    nonce = base64.b64decode(token.findtext(f"{_WSSE}Nonce"))
    content = nonce + token.findtext(f"{_WSU}Created").encode() + PASSWORD.encode()
    return base64.b64encode(hashlib.sha1(content).digest()).decode()  # noqa: S324 - the standard's choice

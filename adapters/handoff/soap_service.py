"""A WSDL, read once, and the one operation of it that a hand-off calls.

The library builds messages from the schema: elements come out in the schema's order whatever the order of the values, and a
value without an element, or a required element without a value, is an error before anything is sent. Whether a text is a valid
number or one of a list of words is left to the partner, whose fault says so.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Error as ZeepError
from zeep.helpers import serialize_object
from zeep.wsdl.bindings.soap import SoapBinding
from zeep.wsse.username import UsernameToken

from adapters.handoff.soap_transport import SoapTransport
from application.ports.handoff import SoapHandOffSettings, SoapLogIn
from domain.errors import DomainError, Invalid

# No document types, no entities, no trees of unlimited depth. What a WSDL imports passes the transport, which keeps it to the
# WSDL's own server or folder; the library's own switch would forbid every WSDL whose schema is a file of its own.
_STRICT = {"strict": True, "forbid_dtd": True, "forbid_entities": True, "xml_huge_tree": False}
_NEXT_STEP = "Ask the partner for a correct WSDL."
# What XML 1.0 cannot hold (production 2, Char), not even as an escape.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LIBRARY_ERRORS = (ZeepError, etree.LxmlError, TypeError, ValueError, LookupError, AttributeError)


class SoapService:
    """The service, port and operation of the settings."""

    def __init__(self, settings: SoapHandOffSettings, transport: SoapTransport) -> None:
        self._settings = settings
        try:
            self._client = Client(settings.wsdl, wsse=_token(settings), transport=transport, settings=Settings(**_STRICT))
        except LIBRARY_ERRORS as error:
            text = f"The WSDL cannot be used: {str(error) or type(error).__name__}."
            raise DomainError("wsdl_unusable", text, _NEXT_STEP) from error
        if not self._client.wsdl.services:
            raise DomainError("wsdl_unusable", "The WSDL cannot be used: it has no service.", _NEXT_STEP)

    @property
    def offers(self) -> str:
        """What the WSDL has, as text: service, port and its operations."""
        return "; ".join(
            f"service {service}, port {port}: {', '.join(sorted(found.binding.all()))}"
            for service, entry in self._client.wsdl.services.items()
            for port, found in entry.ports.items()
            if isinstance(found.binding, SoapBinding)
        )

    @property
    def address(self) -> str:
        """Where calls go."""
        return self._settings.address or str(self._port().binding_options.get("address") or "")

    def call(self, arguments: Mapping[str, Any]) -> Any:
        """Call, and the answer as plain values. Raises Invalid, and what library and transport raise.

        Characters that XML cannot hold are left out, as in files: one in a name would keep the order back for good.
        """
        answer = self._proxy()[self._settings.operation](**_legal(arguments))
        return serialize_object(answer, dict)

    def envelope(self, arguments: Mapping[str, Any]) -> str:
        """The message as text, without the password. Raises as ``call``."""
        message = self._message(arguments)
        for element in message.iter("{*}Password", "{*}Nonce"):
            if "wssecurity-secext" in str(element.tag):
                element.text = "***"
        etree.indent(message)
        return str(etree.tostring(message, encoding="unicode"))

    def misfit(self, arguments: Mapping[str, Any]) -> str:
        """The field that an empty text in its place would mend, for what the library does not name: values of a wrong type."""
        return next((name for name in arguments if self._fits({**arguments, name: ""})), "")

    def _fits(self, arguments: Mapping[str, Any]) -> bool:
        try:
            self._message(arguments)
        except LIBRARY_ERRORS:
            return False
        return True

    def _message(self, arguments: Mapping[str, Any]) -> Any:
        return self._client.create_message(self._proxy(), self._settings.operation, **_legal(arguments))

    def require_operation(self) -> None:
        """Raises Invalid with what the WSDL offers where it does not have what the settings name."""
        self._proxy()

    def _proxy(self) -> Any:
        port = self._port()
        if self._settings.operation not in port.binding.all():
            raise self._missing("operation", self._settings.operation)
        if not self.address:
            raise Invalid("address", "the WSDL names no address", "Set address to where the partner takes calls.")
        return self._client.create_service(port.binding.name, self.address)

    def _port(self) -> Any:
        services = self._client.wsdl.services
        service = _one(services, self._settings.service)
        if service is None:
            raise self._missing("service", self._settings.service)
        ports = {name: port for name, port in service.ports.items() if isinstance(port.binding, SoapBinding)}
        # Several ports are the same operations in another form (SOAP 1.1, 1.2): the first one does.
        port = ports.get(self._settings.port_name) if self._settings.port_name else next(iter(ports.values()), None)
        if port is None:
            raise self._missing("port_name", self._settings.port_name)
        return port

    def _missing(self, setting: str, name: str) -> Invalid:
        what = f"the WSDL has no {name!r}" if name else "it must be named, since the WSDL has several or none"
        return Invalid(setting, what, f"Choose from: {self.offers}.")


def _legal(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isprintable() else _ILLEGAL.sub("", value)
    if isinstance(value, Mapping):
        return {name: _legal(inner) for name, inner in value.items()}
    return [_legal(inner) for inner in value] if isinstance(value, list | tuple) else value


def _one(found: Mapping[str, Any], name: str) -> Any:
    """The one of that name; the only one where none is named."""
    if name:
        return found.get(name)
    return next(iter(found.values())) if len(found) == 1 else None


def log_in_headers(settings: SoapHandOffSettings) -> dict[str, str]:
    """The log-in by basic authentication, for calls and for the WSDL."""
    if settings.log_in is not SoapLogIn.BASIC:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{settings.username}:{settings.password}".encode()).decode()}


def _token(settings: SoapHandOffSettings) -> UsernameToken | None:
    if settings.log_in not in {SoapLogIn.USERNAME_TOKEN, SoapLogIn.DIGEST}:
        return None
    return UsernameToken(settings.username, settings.password, use_digest=settings.log_in is SoapLogIn.DIGEST, zulu_timestamp=True)

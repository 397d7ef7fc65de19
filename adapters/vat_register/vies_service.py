"""The messages of VIES, made and read by the SOAP library from the WSDL beside this file. Nothing here sends."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NoReturn

from lxml import etree
from zeep import Client, Settings
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import Fault
from zeep.wsdl.bindings.soap import SoapBinding

from adapters.vat_register.vies_call import Reply

_BINDING = "{urn:ec.europa.eu:taxud:vies:services:checkVat}checkVatBinding"
_TYPES = "{urn:ec.europa.eu:taxud:vies:services:checkVat:types}"
_BOOLEANS = frozenset({"true", "false", "1", "0"})
# No document types, no entities, no trees of unlimited depth in answers.
_STRICT = {"strict": True, "forbid_dtd": True, "forbid_entities": True, "forbid_external": True, "xml_huge_tree": False}
_LIBRARY_ERRORS = (ZeepError, etree.LxmlError, TypeError, ValueError, LookupError, AttributeError)


class FaultAnswered(Exception):
    """VIES answered with a fault; ``text`` is its faultstring, such as MS_UNAVAILABLE."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Unreadable(Exception):
    """What came is no answer of VIES."""


class ViesService:
    """Both operations. It may be shared between threads: it holds the WSDL and nothing of a call."""

    def __init__(self) -> None:
        with files("adapters.vat_register").joinpath("vies.wsdl").open("rb") as wsdl:
            self._client = Client(wsdl, transport=_Sealed(), settings=Settings(**_STRICT))
        binding = self._client.wsdl.bindings[_BINDING]
        if not isinstance(binding, SoapBinding):
            raise TypeError("The WSDL of VIES has another binding than SOAP.")
        self._binding = binding
        self._service = self._client.create_service(_BINDING, "")

    def envelope(self, operation: str, values: Mapping[str, str]) -> bytes:
        """The message as it is sent."""
        message = self._client.create_message(self._service, operation, **values)
        return bytes(etree.tostring(message, xml_declaration=True, encoding="utf-8"))

    def answer(self, operation: str, reply: Reply) -> Any:
        """The answer's fields as attributes. Raises FaultAnswered and Unreadable."""
        try:
            answer = self._binding.process_reply(self._client, self._binding.get(operation), reply)
            said = _said(reply, "valid")
        except Fault as fault:
            # Without a code it is the library's own word for an error page.
            if fault.code is None:
                raise Unreadable(f"status {reply.status_code} without a SOAP answer") from fault
            raise FaultAnswered(str(fault.message or "")) from fault
        except _LIBRARY_ERRORS as error:
            raise Unreadable(f"status {reply.status_code}: {type(error).__name__}") from error
        # The library takes every word but true and 1 for false; that must not make a number invalid.
        if answer is None or said not in _BOOLEANS:
            raise Unreadable(f"status {reply.status_code} without a yes or no")
        return answer


def _said(reply: Reply, name: str) -> str:
    """The text of a field of an answer that the library has read, and so found without document type and entities."""
    element = etree.fromstring(reply.content, etree.XMLParser(resolve_entities=False, no_network=True)).find(f".//{_TYPES}{name}")
    return "" if element is None else (element.text or "").strip()


class _Sealed:
    """Stands where the library would open files and connections."""

    def load(self, url: str) -> NoReturn:
        """Nothing is imported."""
        raise ValueError(f"The WSDL of VIES imports nothing, yet {url} was asked for.")

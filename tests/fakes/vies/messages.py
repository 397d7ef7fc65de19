"""Messages of VIES as XML, checked against the schema inside a WSDL."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from tests.services.http_partner import Planned

TYPES = "urn:ec.europa.eu:taxud:vies:services:checkVat:types"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_HEADERS = {"Content-Type": "text/xml;charset=UTF-8"}


def shipped_schema() -> etree.XMLSchema:
    """The types of the WSDL that the product ships."""
    return _compiled(files("adapters.vat_register").joinpath("vies.wsdl").read_bytes())


def schema_of(wsdl: Path) -> etree.XMLSchema:
    """The types of another WSDL."""
    return _compiled(wsdl.read_bytes())


def question_of(content: bytes) -> etree._Element | None:
    """What the body of an envelope holds; None where it is no SOAP 1.1 envelope with one question."""
    try:
        envelope = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError:
        return None
    body = envelope.find(f"{{{_SOAP}}}Body")
    return None if body is None or len(body) != 1 else body[0]


def answer(operation: str, fields: Mapping[str, str | None]) -> etree._Element:
    """An answer with its fields in the given order; None is an element that is nil."""
    element = etree.Element(f"{{{TYPES}}}{operation}Response", nsmap={None: TYPES})
    for name, value in fields.items():
        child = etree.SubElement(element, f"{{{TYPES}}}{name}")
        if value is None:
            child.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
        else:
            child.text = value
    return element


def answered(element: etree._Element) -> Planned:
    """An answer in its envelope."""
    return _enveloped(200, etree.tostring(element, encoding="unicode"))


def fault(text: str, code: str = "env:Server") -> Planned:
    """A fault as VIES sends it: the faultstring is the word, with status 500."""
    return _enveloped(500, f"<env:Fault><faultcode>{code}</faultcode><faultstring>{escape(text)}</faultstring></env:Fault>")


def _enveloped(status: int, inner: str) -> Planned:
    return Planned(status, f'<env:Envelope xmlns:env="{_SOAP}"><env:Body>{inner}</env:Body></env:Envelope>'.encode(), _HEADERS)


def _compiled(wsdl: bytes) -> etree.XMLSchema:
    schema = next(etree.fromstring(wsdl, _PARSER).iter(_SCHEMA))
    # Written out and read again: as a document of its own it keeps the prefixes that the WSDL declares further up.
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema), _PARSER))

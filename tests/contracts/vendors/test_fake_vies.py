"""The WSDL that the product ships, and the fake that answers by it, against the Commission's WSDL."""

from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree
from zeep import Client
from zeep.wsdl.bindings.soap import SoapBinding

from adapters.vat_register.vies_service import ViesService
from tests.fakes.vies.fake import FakeVies, Trader
from tests.fakes.vies.messages import question_of, schema_of
from tests.services.specs import specs_folder

PUBLISHED = specs_folder() / "vies-checkVatService.wsdl"
SHIPPED = Path(str(files("adapters.vat_register").joinpath("vies.wsdl")))
OPERATIONS = ("checkVat", "checkVatApprox")
QUESTION = {"countryCode": "BE", "vatNumber": "0123456749"}
OWN = {"requesterCountryCode": "NL", "requesterVatNumber": "004495445B01"}
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


@pytest.fixture
def published() -> Client:
    with PUBLISHED.open("rb") as wsdl:
        return Client(wsdl)


def binding_of(client: Client) -> SoapBinding:
    (binding,) = client.wsdl.bindings.values()
    return binding


@pytest.mark.parametrize("operation", OPERATIONS)
def test_both_wsdls_describe_the_same_messages(published, operation) -> None:
    """Names, namespaces, order, types, what may be left out and what may be nil; and how it is called."""
    ours, theirs = binding_of(ViesService()._client), binding_of(published)

    assert (ours.name, set(ours.all())) == (theirs.name, set(theirs.all()))
    for side in ("input", "output"):
        ours_body, theirs_body = (getattr(binding.get(operation), side).body for binding in (ours, theirs))
        assert ours_body.qname == theirs_body.qname
        assert described(ours_body) == described(theirs_body)
    assert [(binding.get(operation).soapaction, binding.get(operation).style) for binding in (ours, theirs)] == [("", "document")] * 2


def described(element) -> list[tuple]:
    return [
        (name, part.qname.text, part.type.qname.text, part.min_occurs, part.max_occurs, part.nillable)
        for name, part in element.type.elements
    ]


def test_both_schemas_refuse_the_same_codes() -> None:
    """What the library does not show: the pattern and the list of the simple types."""
    found = simple_types(etree.parse(SHIPPED))

    assert set(found) == {"companyTypeCode", "matchCode"}
    assert found == simple_types(etree.parse(PUBLISHED))


def simple_types(document) -> dict[str, list[str]]:
    space = "{http://www.w3.org/2001/XMLSchema}"
    return {
        kind.get("name"): [facet.get("value") for facet in kind.iter(f"{space}pattern", f"{space}enumeration")]
        for kind in document.iter(f"{space}simpleType")
    }


def test_the_services_have_the_same_path_and_ours_is_https() -> None:
    ours, theirs = (next(etree.parse(path).iter(f"{SOAP}address")).get("location") for path in (SHIPPED, PUBLISHED))

    assert ours == theirs.replace("http://", "https://", 1)


@pytest.mark.parametrize(("operation", "more"), [("checkVat", {}), ("checkVatApprox", OWN)])
def test_what_is_asked_and_answered_fits_the_published_schema(published, operation, more) -> None:
    """A client made from the published WSDL reads the fake; the fake, held to the published schema, takes our messages."""
    with FakeVies(schema_of(PUBLISHED)) as vies:
        vies.traders["BE0123456749"] = Trader()
        service = published.create_service(next(iter(published.wsdl.bindings)), vies.address)

        found = service[operation](**QUESTION, **more)
        ours = question_of(ViesService().envelope(operation, {**QUESTION, **more}))

        assert found.valid is True
        assert vies._schema.validate(ours)
        assert vies.violations == []

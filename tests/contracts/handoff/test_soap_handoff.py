"""What only the SOAP hand-off has: the WSDL, the schema's order, faults and WS-Security."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal

import pytest

from adapters.handoff.soap import SoapHandOff
from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from application.ports.handoff import SoapHandOffSettings, SoapLogIn
from domain.delivery.outcome import ConnectionLost, Delivered, Refused, Unknown
from domain.errors import DomainError, Invalid
from tests.contracts.handoff.conftest import PATIENT, session_to
from tests.services.certificates import make_certificates
from tests.services.http_partner import HttpPartner, Planned
from tests.services.soap_partner import PASSWORD, USERNAME, SoapPartner

ADDRESS = {"name": "Gift Shop", "city": "Leeds", "country": "GB"}
LINES = [{"sku": "TEE", "quantity": 2, "price": Decimal("6.25")}, {"sku": "MUG", "quantity": 1, "price": Decimal("3.10")}]
ORDER = {"reference": "SO-1001", "currency": "GBP", "address": ADDRESS, "line": LINES}
SHUFFLED = {
    "line": [{"price": Decimal("6.25"), "sku": "TEE", "quantity": 2}],
    "address": {"country": "GB", "name": "Gift Shop", "city": "Leeds"},
    "currency": "GBP",
    "orderedOn": "2026-11-21",
    "reference": "SO-1001",
}
XML = {"Content-Type": "text/xml"}
BOTH = pytest.mark.parametrize("port_name", ["Orders11Port", "Orders12Port"])


@pytest.fixture
def partner() -> Iterator[SoapPartner]:
    with SoapPartner() as server:
        yield server


@pytest.fixture
def opened(partner):
    """Opens hand-offs to the partner with the given settings."""
    defaults = {"wsdl": partner.wsdl, "operation": "SendOrder", "timeouts": PATIENT}
    with ExitStack() as stack:
        yield lambda **settings: SoapHandOff(SoapHandOffSettings(**{**defaults, **settings}), session_to(stack))


def send(hand_off: SoapHandOff, payload=ORDER):
    return hand_off.send(payload, "delivery-7-0", lambda: None)


@BOTH
def test_elements_come_in_the_schemas_order_whatever_the_order_of_the_values(partner, opened, port_name) -> None:
    """The partner validates: another order would be a Client fault."""
    outcome = send(opened(port_name=port_name, remote_id_path="transactionId"), SHUFFLED)

    assert outcome == Delivered("1")
    body = partner.envelopes[0].find("{*}Body")[0]
    assert [child.tag.rpartition("}")[2] for child in body] == ["reference", "currency", "orderedOn", "address", "line"]
    assert partner.orders == ["SO-1001"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"reference": None}, "reference"),
        ({"colour": "red"}, "colour"),
        ({"address": {**ADDRESS, "planet": "Mars"}}, "planet"),
        ({"address": {"name": "x"}}, "city"),
        ({"line": []}, "line"),
        ({"reference": {"first": "a"}}, "field_map.reference: "),
        ({"orderedOn": 3}, "field_map.orderedOn: "),
    ],
)
def test_values_that_do_not_fit_the_schema_are_refused_before_anything_is_sent(partner, opened, change, named) -> None:
    handed_over = []

    outcome = opened().send({**ORDER, **change}, "t", lambda: handed_over.append(1))

    assert isinstance(outcome, Refused)
    assert named in outcome.text
    assert (handed_over, partner.envelopes) == ([], [])


def test_characters_that_xml_cannot_hold_are_left_out(partner, opened) -> None:
    """As in files: nobody could take them out of an order that somebody else made."""
    outcome = send(opened(), {**ORDER, "reference": "SO\x00-1\ud800", "line": [{"sku": "T\x0bE\ufffe", "quantity": 1, "price": 1}]})

    assert isinstance(outcome, Delivered)
    assert partner.orders == ["SO-1"]
    assert partner.envelopes[0].findtext(".//{*}sku") == "TE"


def test_a_value_that_only_the_partner_can_judge_is_refused_by_its_fault(partner, opened) -> None:
    outcome = send(opened(), {**ORDER, "line": [{"sku": "TEE", "quantity": "two", "price": 1}]})

    assert isinstance(outcome, Refused)
    assert "two" in outcome.text
    assert partner.orders == []


@BOTH
@pytest.mark.parametrize(("code", "kind"), [("Client", Refused), ("Client.Data", Refused), ("Server", Unknown), ("OutOfStock", Unknown)])
def test_a_fault_of_the_caller_is_a_refusal_and_any_other_leaves_it_unknown(partner, opened, port_name, code, kind) -> None:
    """By the fault's code; the partner's reason is in the text."""
    partner.faults.append("Client" if code == "Client.Data" and port_name == "Orders12Port" else code)

    outcome = send(opened(port_name=port_name))

    assert isinstance(outcome, kind)
    assert "no room for it" in (outcome.text if isinstance(outcome, Refused) else outcome.reason)


@BOTH
@pytest.mark.parametrize(("log_in", "asked"), [(SoapLogIn.USERNAME_TOKEN, "text"), (SoapLogIn.DIGEST, "digest")])
def test_a_user_name_token_says_who_calls(partner, opened, port_name, log_in, asked) -> None:
    """As text, and as a digest that the partner computes itself, and takes for one call only."""
    partner.log_in = asked
    hand_off = opened(port_name=port_name, log_in=log_in, username=USERNAME, password=PASSWORD)

    outcomes = [send(hand_off), send(hand_off)]

    assert outcomes == [Delivered(), Delivered()]


@pytest.mark.parametrize(("log_in", "asked"), [(SoapLogIn.USERNAME_TOKEN, "text"), (SoapLogIn.DIGEST, "digest")])
def test_a_wrong_password_is_found_out(partner, opened, log_in, asked) -> None:
    """Nothing is kept of the document."""
    partner.log_in = asked

    outcome = send(opened(log_in=log_in, username=USERNAME, password="another"))

    assert isinstance(outcome, Refused)
    assert (outcome.code, partner.orders) == ("soap_log_in", [])


@BOTH
@pytest.mark.parametrize("log_in", [SoapLogIn.NONE, SoapLogIn.USERNAME_TOKEN, SoapLogIn.DIGEST])
def test_a_wrong_log_in_is_refused_without_repeating_the_password(partner, opened, port_name, log_in) -> None:
    """The partner of this test even writes the right password into its fault."""
    partner.log_in = "text"
    user = USERNAME if log_in is SoapLogIn.DIGEST else "somebody"

    outcome = send(opened(port_name=port_name, log_in=log_in, username=user, password=PASSWORD))

    assert isinstance(outcome, Refused)
    assert outcome.code == "soap_log_in"
    assert PASSWORD not in outcome.text or log_in is SoapLogIn.NONE
    assert "password" in outcome.next_step


def test_basic_authentication_goes_with_the_wsdl_and_the_call(partner, opened) -> None:
    send(opened(log_in=SoapLogIn.BASIC, username=USERNAME, password=PASSWORD))

    expected = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    assert {request.headers["Authorization"] for request in partner.received} == {expected}
    assert {request.method for request in partner.received} == {"GET", "POST"}


def test_the_wsdl_is_read_once_for_a_connection(partner, opened) -> None:
    hand_off = opened()

    for _ in range(3):
        send(hand_off)

    assert partner.fetched == ["/service?wsdl", "/partner.xsd"]
    assert len(partner.orders) == 3


def test_a_wsdl_may_be_a_file_with_its_schema_beside_it(partner, opened, tmp_path) -> None:
    outcome = send(opened(wsdl=str(partner.write_wsdl(tmp_path))))

    assert isinstance(outcome, Delivered)
    assert partner.fetched == []


def test_an_address_of_the_settings_replaces_the_one_in_the_wsdl(partner, opened, tmp_path) -> None:
    path = partner.write_wsdl(tmp_path)
    path.write_bytes(path.read_bytes().replace(partner.url("/service").encode(), b"http://localhost:1/none"))

    assert isinstance(send(opened(wsdl=str(path), address=partner.url("/service"))), Delivered)


def test_an_address_in_the_wsdl_is_checked_like_any_other(partner, opened, tmp_path) -> None:
    """A vendor's WSDL is no way around the operator's list."""
    path = partner.write_wsdl(tmp_path)
    path.write_bytes(path.read_bytes().replace(partner.url("/service").encode(), b"http://169.254.169.254/latest"))

    with pytest.raises(DomainError) as refused:
        send(opened(wsdl=str(path)))

    assert refused.value.code == "address_refused"


def test_a_wsdl_cannot_import_from_another_server(partner, opened) -> None:
    with HttpPartner() as elsewhere:
        wsdl = partner.wsdl_text().replace(b"partner.xsd", elsewhere.url("/partner.xsd").encode())
        partner.next_answers(Planned(200, wsdl, XML))

        with pytest.raises(DomainError, match="another server"):
            send(opened())

        assert elsewhere.connections == 0


@pytest.mark.parametrize("location", ["file:///etc/passwd", "/etc/passwd", "../secret.xsd"])
def test_a_wsdl_cannot_import_files_from_other_folders(partner, opened, tmp_path, location) -> None:
    """Neither one of a server nor a file."""
    folder = tmp_path / "wsdl"
    folder.mkdir()
    (tmp_path / "secret.xsd").write_text("<secret/>", encoding="utf-8")
    path = partner.write_wsdl(folder)
    path.write_bytes(path.read_bytes().replace(b"partner.xsd", location.encode()))
    partner.next_answers(Planned(200, partner.wsdl_text().replace(b"partner.xsd", location.encode()), XML))

    with pytest.raises(DomainError, match="WSDL cannot be used"):
        send(opened(wsdl=str(path)))
    with pytest.raises(DomainError, match="WSDL cannot be used"):
        send(opened())
    assert partner.orders == []


ENTITIES = b'<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY lots "&lol;&lol;&lol;&lol;"><!ENTITY file SYSTEM "file:///etc/hostname">]>'


def test_entities_in_a_wsdl_make_it_unusable(partner, opened) -> None:
    partner.next_answers(Planned(200, partner.wsdl_text().replace(b"<!--", ENTITIES + b"<!--", 1), XML))

    with pytest.raises(DomainError, match="Forbidden"):
        send(opened())


def test_entities_in_a_schema_that_a_wsdl_imports_make_it_unusable(partner, opened, tmp_path) -> None:
    """At an address, and in a file."""
    path = partner.write_wsdl(tmp_path)
    schema = (tmp_path / "partner.xsd").read_bytes().replace(b"<!--", ENTITIES + b"<!--", 1)
    (tmp_path / "partner.xsd").write_bytes(schema)
    partner.next_answers(Planned(200, partner.wsdl_text(), XML), Planned(200, schema, XML))

    for wsdl in (partner.wsdl, str(path)):
        with pytest.raises(DomainError, match="Forbidden"):
            send(opened(wsdl=wsdl))


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?>'
        + ENTITIES
        + b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>&lots;</e:Body></e:Envelope>',
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
        b"<html><body>Please log in</body></html>",
        b"<a>" * 5000,
        b"<e:Envelope",
        b"",
        b"\xff\xfe\x00",
    ],
    ids=["entities", "empty body", "html", "deep", "cut", "nothing", "noise"],
)
def test_an_answer_that_cannot_be_read_leaves_the_delivery_unknown(partner, opened, content) -> None:
    """The document was sent; whether it was taken stands in what cannot be read."""
    hand_off = opened()
    hand_off.preview(ORDER)
    partner.next_answers(Planned(200, content, XML))

    assert isinstance(send(hand_off), Unknown)


def test_an_empty_accepted_is_enough(partner, opened) -> None:
    """202 without a body is the answer of a one-way service (SOAP 1.2 part 2, 7.5.1.2)."""
    hand_off = opened()
    hand_off.preview(ORDER)
    partner.next_answers(Planned(202, b"", XML))

    assert send(hand_off) == Delivered()


def test_the_success_rule_reads_the_answers_elements(partner, opened) -> None:
    """PromoStandards services answer 200 and say in a message that they refuse."""
    partner.results.extend(["<message>No such product</message>", "<transactionId>0</transactionId>"])
    hand_off = opened(success_path="transactionId", remote_id_path="transactionId")

    refused, accepted = send(hand_off), send(hand_off)

    assert isinstance(refused, Refused)
    assert "No such product" in refused.text
    assert accepted == Delivered("0")


@pytest.mark.parametrize(
    "answer",
    [
        Planned(404, b""),
        Planned(401, b"who are you"),
        Planned(302, b"", {"Location": "/elsewhere"}),
        Planned(200, b"no xml"),
        Planned(200, b"<definitions/>"),
        Planned(200, b"<a>" + b" " * 300_000 + b"</a>"),
    ],
    ids=["gone", "log-in", "redirect", "no-xml", "no-wsdl", "too-large"],
)
def test_without_a_wsdl_the_lane_waits_and_the_next_turn_finds_it(partner, opened, answer) -> None:
    """No document is refused for it, and once the partner is well again the same connection works."""
    hand_off = opened(wsdl_bytes_max=200_000)
    partner.next_answers(answer)

    with pytest.raises(DomainError) as failed:
        send(hand_off)

    assert failed.value.code == "wsdl_unusable"
    assert isinstance(send(hand_off), Delivered)


def test_a_server_of_the_wsdl_that_is_busy_is_no_mistake_of_anybodys(partner, opened) -> None:
    """It passes by itself, like a partner that is down."""
    partner.next_answers(Planned(503, b""))

    assert isinstance(send(opened()), ConnectionLost)


def test_a_check_lists_what_the_wsdl_offers(opened) -> None:
    results = opened(service="OrderService", port_name="Orders12Port").check()

    assert [(result.name, result.ok) for result in results] == [("wsdl", True), ("operation", True), ("log-in", True), ("address", True)]
    assert results[0].detail == "service OrderService, port Orders11Port: SendOrder; service OrderService, port Orders12Port: SendOrder"


@pytest.mark.parametrize(("setting", "path"), [("service", "service"), ("port_name", "port_name"), ("operation", "operation")])
def test_a_check_and_a_call_name_the_part_that_the_wsdl_does_not_have(opened, setting, path) -> None:
    results = opened(**{setting: "Nonsense"}).check()
    with pytest.raises(Invalid) as raised:
        send(opened(**{setting: "Nonsense"}))

    assert [result.ok for result in results] == [True, False]
    assert results[1].detail.startswith(f"{path}: ")
    assert "Orders11Port: SendOrder" in results[1].next_step
    assert raised.value.path == path


def test_a_check_finds_a_missing_password(opened) -> None:
    results = opened(log_in=SoapLogIn.DIGEST, username=USERNAME).check()

    assert [result.name for result in results if not result.ok] == ["log-in"]


def test_a_preview_shows_the_envelope_without_what_a_log_in_could_be_made_of(partner, opened) -> None:
    text = opened(log_in=SoapLogIn.DIGEST, username=USERNAME, password=PASSWORD).preview(ORDER)

    assert "SO-1001" in text
    assert text.count("***") == 2
    assert partner.envelopes == []


def test_a_preview_of_values_that_do_not_fit_names_the_element_and_shows_the_values(opened) -> None:
    """Where no envelope can be built, what the map made is all there is to look at."""
    text = opened().preview({**ORDER, "currency": None})

    assert text.startswith("It cannot be sent: field_map.currency: its values do not fit the WSDL: Missing element currency")
    assert '"reference": "SO-1001"' in text


def test_a_preview_without_a_wsdl_says_so(opened, tmp_path) -> None:
    with pytest.raises(DomainError, match="cannot be read"):
        opened(wsdl=str(tmp_path / "none.wsdl")).preview(ORDER)


def test_a_call_over_tls_is_held_to_the_name(tmp_path) -> None:
    """The WSDL came over TLS, so the call goes over TLS too."""
    certificates = make_certificates(tmp_path)
    sessions = OutboundSessions(OutboundAddresses(parse_allowed_networks("127.0.0.0/8,::1")), certificates.client_context())
    with SoapPartner(certificates.server_context()) as secured, sessions.open() as session:
        outcome = send(SoapHandOff(SoapHandOffSettings(secured.wsdl, "SendOrder"), session))

        assert isinstance(outcome, Delivered)
        assert secured.orders == ["SO-1001"]

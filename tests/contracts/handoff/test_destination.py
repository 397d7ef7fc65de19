"""Hand-offs as destinations: documents mapped and sent, one by one, over one session, to the real partners."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.handoff.destination import HandOffDestination, open_http_hand_off, open_soap_hand_off
from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from application.ports.destination import Consignment, LaneContext, LeaseVoid
from domain.companies.integration import Integration
from domain.delivery.outcome import ConnectionLost, Delivered, NotThere, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError
from tests.factories import a_company, an_admin_company, an_issued, an_order_document
from tests.services.http_partner import HttpPartner, Planned
from tests.services.soap_partner import PASSWORD, USERNAME, SoapPartner

SOAP_MAP = {
    "reference": "order.ref",
    "currency": "totals.currency",
    "orderedOn": {"from": "order.creation_datetime", "functions": [{"parse_date": "%Y-%m-%d %H:%M:%S"}, {"date_format": "%Y-%m-%d"}]},
    "address.name": "order.customer_name",
    "address.city": "order.shipping_city",
    "address.country": "order.shipping_country_code",
    "line[].sku": "lines[].sku",
    "line[].quantity": {"from": "lines[].quantity", "functions": ["whole"]},
    "line[].price": "lines[].unit_price",
}


@dataclass
class Bench:
    """An open destination of one kind, and its partner."""

    kind: str
    partner: HttpPartner
    stack: ExitStack
    handed_over: list[int] = field(default_factory=list)

    def open(self, **settings: Any) -> HandOffDestination:
        """The destination with the settings that the kind has, and these."""
        lane = self._lane(settings)
        opened = open_soap_hand_off(lane, open_session=session) if self.kind == "promotional_office" else None
        return self.stack.enter_context(opened or open_http_hand_off(lane, open_session=session))

    def _lane(self, settings: Mapping[str, Any]) -> LaneContext:
        ours: dict[str, Any]
        if isinstance(self.partner, SoapPartner):
            ours = {"wsdl": self.partner.wsdl, "operation": "SendOrder", "log_in": "username_token", "username": USERNAME}
            ours |= {"field_map": SOAP_MAP, "remote_id_path": "transactionId"}
            secrets = {"password": PASSWORD}
        else:
            ours = {"url": self.partner.url(), "remote_id_path": "data.id", "look_up_url": "/{ref}"}
            ours |= MWW if self.kind == "mww" else {}
            secrets = {"auth_key": "key-of-the-shop"}
        integration = Integration("501", self.kind, settings={**ours, **settings})
        return LaneContext(integration, a_company(), an_admin_company(), secrets)

    def hand_over(self, consignments: Sequence[Consignment]) -> None:
        """Note what is about to leave."""
        self.handed_over += [consignment.delivery_id for consignment in consignments]

    def deliver(self, destination: HandOffDestination, *batch: Consignment) -> list[Outcome]:
        """The outcomes in order."""
        return [outcome for _, outcome in destination.deliver(batch, self.hand_over)]


MWW = {
    "body": "json_api",
    "auth_prefix": "auth-key=",
    "look_up_url": "/{data.attributes.vendor-po}",
    "look_up_match": "data.attributes.vendor-po",
}


def session() -> AbstractContextManager[Any]:
    """As the fleet opens them, loopback allowed."""
    return OutboundSessions(OutboundAddresses(parse_allowed_networks("127.0.0.0/8"))).open()


@pytest.fixture(params=["net_digitizing", "mww", "promotional_office"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with ExitStack() as stack:
        partner = SoapPartner(log_in="text") if request.param == "promotional_office" else HttpPartner()
        yield Bench(request.param, stack.enter_context(partner), stack)


@pytest.fixture
def http() -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench("net_digitizing", stack.enter_context(HttpPartner()), stack)


def consignment(delivery_id: int = 1, **fields: Any) -> Consignment:
    """An order on its way."""
    return Consignment(delivery_id, f"dlv-{delivery_id}-0", an_order_document(**fields))


def test_documents_are_delivered_in_order_over_one_connection(bench: Bench) -> None:
    """Each is announced right before it leaves, and the partner's own name for it is kept."""
    outcomes = bench.deliver(bench.open(), consignment(1), consignment(2))

    assert [type(outcome) for outcome in outcomes] == [Delivered, Delivered]
    assert all(isinstance(outcome, Delivered) and outcome.remote_id for outcome in outcomes)
    assert bench.handed_over == [1, 2]
    assert bench.partner.connections == 1


def test_a_document_that_the_map_does_not_fit_is_refused_and_the_next_goes(bench: Bench) -> None:
    """With the field of the result, the value, and the entry of the map to correct; nothing of it was handed over."""
    entry = {"from": "order.shipping_country_code", "table": {"GB": "United Kingdom"}}
    targets = {"promotional_office": "address.country", "mww": "data.attributes.country", "net_digitizing": "lands[0]"}
    target = targets[bench.kind].replace("[0]", "[]")
    basis: Mapping[str, Any] = {"promotional_office": SOAP_MAP, "mww": {"data.type": {"value": "orders"}}}.get(bench.kind, {})
    declared = {**basis, target: entry}
    if bench.kind == "net_digitizing":
        declared = {"lands[]": {**entry, "from": "lines[].item.made_in"}}
    destination = bench.open(field_map=declared)

    first, second = bench.deliver(destination, _from(bench, "XX", 1), _from(bench, "GB", 2))

    assert isinstance(first, Refused)
    assert first.code == "mapping_failed"
    assert first.text == f"{targets[bench.kind]}: The table has no entry for 'XX'; add one, or an `otherwise`."
    assert f"the entry {target!r}" in first.next_step
    assert "501/" in first.next_step
    assert first.next_step.endswith("then `billhook deliveries retry {delivery}`.")
    assert isinstance(second, Delivered)
    assert bench.handed_over == [2]


def _from(bench: Bench, country: str, delivery_id: int) -> Consignment:
    if bench.kind == "net_digitizing":
        return consignment(delivery_id, items=[{"sku": "TEE-BLK-M", "made_in": country}])
    return consignment(delivery_id, shipping_country_code=country)


def test_who_may_not_send_any_more_sends_nothing(bench: Bench) -> None:
    """The lane has another worker: its word goes through, and the partner has no document."""

    def refuse(_: Sequence[Consignment]) -> None:
        raise LeaseVoid

    destination = bench.open()

    with pytest.raises(LeaseVoid):
        list(destination.deliver([consignment()], refuse))
    assert not bench.partner.documents


def test_the_preview_shows_the_request_without_secrets(bench: Bench) -> None:
    """And makes none that has an effect."""
    text = bench.open().preview(consignment())

    assert "90001" in text
    assert PASSWORD not in text
    assert "key-of-the-shop" not in text
    assert not bench.partner.documents


def test_a_preview_of_what_the_map_does_not_fit_says_where(http: Bench) -> None:
    """The same sentence as a refusal."""
    destination = http.open(field_map={"ref": {"from": "order.nothing", "required": True}})

    with pytest.raises(DomainError) as refused:
        destination.preview(consignment())

    assert refused.value.code == "mapping_failed"
    assert "the entry 'ref'" in refused.value.next_step


def test_a_live_check_sends_no_document(bench: Bench) -> None:
    """It asks address and log-in."""
    checks = bench.open().check()

    assert checks
    assert all(check.ok for check in checks)
    assert not bench.partner.documents


def test_an_invoice_is_sent_by_the_map_of_invoices(http: Bench) -> None:
    """`document: invoice` has another default; decimals and days arrive as plain texts."""
    outcomes = http.deliver(http.open(document="invoice"), Consignment(1, "dlv-1-0", an_issued()))

    assert [type(outcome) for outcome in outcomes] == [Delivered]
    (body,) = http.partner.documents.values()
    assert b'"ref":"INV-000001"' in body
    assert b'"issued_on":"2026-11-21"' in body
    assert b'"total":"19.20"' in body


def test_mww_gets_one_document_with_everything_included() -> None:
    """In the shape of its public API: resources of several types in one list, and the key behind its prefix."""
    with ExitStack() as stack:
        bench = Bench("mww", stack.enter_context(HttpPartner()), stack)
        bench.deliver(bench.open(), consignment())
        request = bench.partner.received[-1]

    assert request.headers["Authorization"] == "auth-key=key-of-the-shop"
    assert request.headers["Content-Type"] == "application/vnd.api+json"
    assert b'"vendor-po":"90001"' in request.body
    assert b'"included":[{"type":"shipping-address","attributes":{"name":' in request.body
    assert b'{"type":"line-items","attributes":{"product-code":"TEE-BLK-M","description":"T-shirt, black, M","quantity":2}}' in request.body


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (b'{"data":{"id":"77","attributes":{"vendor-po":"90001"}}}', Delivered("77")),
        (b'{"data":{"id":"90001","attributes":{"vendor-po":"41"}}}', None),
    ],
)
def test_a_look_up_at_mww_believes_only_an_answer_about_the_same_order(found: bytes, answer: Delivered | None) -> None:
    """Its address finds by its own ids as well, and one of those may be our number."""
    with ExitStack() as stack:
        bench = Bench("mww", stack.enter_context(HttpPartner()), stack)
        bench.partner.next_answers(Planned(200, found))
        looked_up = bench.open().look_up(consignment())
        asked = bench.partner.received[-1]

    assert (asked.method, asked.path) == ("GET", "/orders/90001")
    assert looked_up == answer if answer else "another document" in str(looked_up)


@pytest.mark.parametrize("processed", [True, False])
def test_a_lost_answer_is_settled_by_looking(http: Bench, *, processed: bool) -> None:
    """It is there, or it is not and may be sent."""
    destination = http.open()
    http.partner.next_answers(Planned(processed=processed, drop=True))

    (outcome,) = http.deliver(destination, consignment())
    looked_up = destination.look_up(consignment())

    assert isinstance(outcome, Unknown)
    assert isinstance(looked_up, Delivered if processed else NotThere)


@pytest.mark.parametrize(("status", "code"), [(401, "http_401"), (403, "http_403"), (405, "http_405"), (302, "redirected")])
def test_a_look_up_that_no_document_can_pass_stops_the_lane(http: Bench, status: int, code: str) -> None:
    """With the command that lets it go on."""
    http.partner.next_answers(Planned(status, b"no"))

    with pytest.raises(DomainError) as raised:
        http.open().look_up(consignment())

    assert raised.value.code == code
    assert "Then `billhook resume --integration 501/net_digitizing`." in raised.value.next_step
    assert ("`billhook deliveries cancel dlv_1`" in raised.value.next_step) == (status != 401)


def test_a_look_up_waits_for_a_map_that_was_broken_meanwhile(http: Bench) -> None:
    """What was sent stays unknown until somebody corrects the map."""
    looked_up = http.open(field_map={"ref": {"from": "order.nothing", "required": True}}).look_up(consignment())

    assert isinstance(looked_up, RetryLater)
    assert "the entry 'ref'" in looked_up.reason


def test_a_wsdl_that_is_away_keeps_the_whole_batch_waiting() -> None:
    """The first outcome ends the turn: nothing of the lane can be sent."""
    with ExitStack() as stack:
        bench = Bench("promotional_office", stack.enter_context(SoapPartner(log_in="text")), stack)
        outcomes, fault = fault_of(bench, bench.open(wsdl=bench.partner.url("/gone")), 2)

    assert [type(outcome) for outcome in outcomes] == [ConnectionLost]
    assert fault.code == "wsdl_unusable"
    assert bench.handed_over == []


def fault_of(bench: Bench, destination: HandOffDestination, count: int) -> tuple[list[Outcome], DomainError]:
    """The outcomes before the destination said what is wrong with the lane, and that."""
    outcomes: list[Outcome] = []
    with pytest.raises(DomainError) as raised:
        outcomes.extend(outcome for _, outcome in destination.deliver([consignment(n + 1) for n in range(count)], bench.hand_over))
    return outcomes, raised.value


def test_an_address_that_is_not_allowed_stops_the_lane_and_refuses_no_document(bench: Bench) -> None:
    """As on a worker that was started without the operator's list: a thousand documents would each wait for a person."""
    name = "address" if bench.kind == "promotional_office" else "url"

    outcomes, fault = fault_of(bench, bench.open(**{name: "http://169.254.169.254/orders"}), 3)

    assert [type(outcome) for outcome in outcomes] == [ConnectionLost]
    assert fault.code == "address_refused"
    assert "BILLHOOK_ALLOWED_NETWORKS" in fault.next_step
    assert bench.handed_over == []


OF_ALL = {401: "http_401", 403: "http_403", 404: "http_404", 405: "http_405", 410: "http_410", 415: "http_415", 302: "redirected"}


@pytest.mark.parametrize(("status", "code"), OF_ALL.items())
def test_a_log_in_or_an_address_that_is_wrong_stops_the_lane_and_leaves_the_document_free(bench: Bench, status: int, code: str) -> None:
    """It was noted as handed over, so it is said that it was not; the next step lets the lane go on."""
    destination = bench.open()
    destination.preview(consignment())
    bench.partner.next_answers(Planned(status, b"no", processed=False))

    outcomes, fault = fault_of(bench, destination, 2)

    assert [type(outcome) for outcome in outcomes] == [ConnectionLost]
    assert fault.code == code
    assert f"`billhook resume --integration 501/{bench.kind}`" in fault.next_step
    assert ("`billhook deliveries cancel dlv_1`" in fault.next_step) == (status != 401)
    assert bench.handed_over == [1]


def test_a_fault_about_the_log_in_stops_the_lane() -> None:
    """A wrong password of a SOAP service is told by a fault."""
    with ExitStack() as stack:
        bench = Bench("promotional_office", stack.enter_context(SoapPartner(log_in="text")), stack)
        outcomes, fault = fault_of(bench, bench.open(username="somebody"), 2)

    assert [type(outcome) for outcome in outcomes] == [ConnectionLost]
    assert fault.code == "soap_log_in"


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_behind_a_document_that_was_taken_is_about_its_own_document(bench: Bench, status: int) -> None:
    """Log-in and address were good a moment ago."""
    destination = bench.open()
    destination.preview(consignment())
    bench.partner.next_answers(Planned(202, b""), Planned(status, b"not this one", processed=False))

    taken, refused, behind = bench.deliver(destination, consignment(1), consignment(2), consignment(3))

    assert isinstance(refused, Refused)
    assert refused.code == f"http_{status}"
    assert [type(taken), type(behind)] == [Delivered, Delivered]


def test_a_partner_that_is_down_stops_the_lane_at_the_first_document(bench: Bench) -> None:
    """Each of the others would wait for the same timeout."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{probe.getsockname()[1]}/orders"
        name = "address" if bench.kind == "promotional_office" else "url"
        outcomes = bench.deliver(bench.open(**{name: away}), *(consignment(number) for number in range(1, 4)))

    assert [type(outcome) for outcome in outcomes] == [ConnectionLost]
    assert bench.handed_over == []


def test_values_that_do_not_fit_the_wsdl_are_refused_before_they_are_sent() -> None:
    """As with the kind's own map, whose names no WSDL promises; the next step tells how to look and how to go on."""
    with ExitStack() as stack:
        bench = Bench("promotional_office", stack.enter_context(SoapPartner(log_in="text")), stack)
        (outcome,) = bench.deliver(bench.open(field_map={}), consignment())

    assert isinstance(outcome, Refused)
    assert "`billhook integrations preview 501/promotional_office --order 90001`" in outcome.next_step
    assert outcome.next_step.endswith("`billhook deliveries retry {delivery}`.")
    assert bench.handed_over == []


def test_a_large_number_reaches_a_soap_service_written_out() -> None:
    """Also where the element holds text; 1E+3 would be another name."""
    with ExitStack() as stack:
        partner = stack.enter_context(SoapPartner(log_in="text"))
        bench = Bench("promotional_office", partner, stack)
        field_map = {**SOAP_MAP, "reference": {"from": "order.number", "functions": [{"multiply": 10}]}}
        (outcome,) = bench.deliver(bench.open(field_map=field_map), consignment(number="1E2"))

    assert isinstance(outcome, Delivered), outcome
    assert partner.orders == ["1000"]

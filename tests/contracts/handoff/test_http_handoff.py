"""What only the HTTP hand-off has: bodies, log-ins, signatures, success rules and look-ups."""

import base64
import gzip
import hashlib
import hmac
import json
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from urllib.parse import parse_qs

import pytest

from application.ports.handoff import HttpBody
from domain.delivery.outcome import ConnectionLost, Delivered, NotThere, Refused, RetryLater, Unknown
from domain.errors import DomainError, Invalid
from tests.contracts.handoff.http_calls import PAYLOAD, QUICK, send
from tests.services.certificates import make_certificates
from tests.services.http_partner import HttpPartner, Planned


@contextmanager
def dripping() -> Iterator[str]:
    """A server that announces a megabyte and sends a byte every 50 ms until it is left."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
            while not done.wait(0.05):
                connection.sendall(b" ")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/orders"
    finally:
        done.set()
        thread.join()
        listener.close()


def test_json_has_decimals_as_text_dates_as_iso_and_letters_as_they_are(partner, opened) -> None:
    """No reader can round a price or misread a date."""
    send(opened(headers={"X-Shop": "777"}))

    [received] = partner.received
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["X-Shop"] == "777"
    assert received.headers["Content-Length"] == str(len(received.body))
    assert received.body.decode() == '{"ref":"SO-1001","name":"Zoë","price":"6.250","on":"2026-11-21","lines":[{"sku":"A","quantity":2}]}'


def test_a_form_has_a_field_for_each_value_and_one_for_each_of_a_list(partner, opened) -> None:
    outcome = send(opened(body=HttpBody.FORM), {"ref": "SO 1&2", "tag": ["a", "b"], "gift": True, "note": None, "price": Decimal("1.10")})

    [received] = partner.received
    assert isinstance(outcome, Delivered)
    assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(received.body.decode(), keep_blank_values=True) == {
        "ref": ["SO 1&2"],
        "tag": ["a", "b"],
        "gift": ["true"],
        "note": [""],
        "price": ["1.10"],
    }


def test_mww_gets_json_api_with_its_key(partner, opened) -> None:
    """https://mwwondemand.github.io: JSON:API 1.0, `Authorization: auth-key=…`, look-up by vendor-po."""
    settings = {
        "body": HttpBody.JSON_API,
        "auth_key": "k-123456",
        "auth_prefix": "auth-key=",
        "remote_id_path": "data.id",
        "look_up_url": partner.url("/orders/{data.attributes.vendor-po}"),
    }
    payload = {"data": {"type": "orders", "attributes": {"vendor-po": "SO-1001"}}}
    hand_off = opened(**settings)

    before = hand_off.look_up(payload, "t")
    outcome = send(hand_off, payload)
    after = hand_off.look_up(payload, "t")

    assert (before, outcome, after) == (NotThere(), Delivered("remote-SO-1001"), Delivered("remote-1"))
    posted = partner.received[1]
    assert posted.headers["Content-Type"] == posted.headers["Accept"] == "application/vnd.api+json"
    assert {request.headers["Authorization"] for request in partner.received} == {"auth-key=k-123456"}
    assert json.loads(posted.body) == payload


def test_json_api_without_data_is_a_mistake_of_the_field_map(partner, opened) -> None:
    outcome = send(opened(body=HttpBody.JSON_API))

    assert isinstance(outcome, Refused)
    assert partner.received == []


def test_basic_authentication_takes_any_letters(partner, opened) -> None:
    send(opened(username="zoë", password="pä:ss"))

    assert base64.b64decode(partner.received[0].headers["Authorization"].removeprefix("Basic ")).decode() == "zoë:pä:ss"


def test_a_key_goes_into_the_header_that_the_partner_names(partner, opened) -> None:
    send(opened(auth_key="k-123456", auth_header="X-Api-Key", username="unused"))

    assert partner.received[0].headers["X-Api-Key"] == "k-123456"
    assert partner.received[0].headers["Authorization"] is None


def test_the_signature_is_of_the_very_bytes_that_arrive(partner, opened) -> None:
    send(opened(hmac_key="signing-key", signature_header="X-Hub-Signature-256"))

    [received] = partner.received
    assert received.headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(b"signing-key", received.body, hashlib.sha256).hexdigest()


def test_an_idempotency_header_lets_a_failing_server_be_tried_again(partner, opened) -> None:
    """The partner promised to drop what comes twice, so what is lost is sent again and kept once."""
    hand_off = opened(idempotency_header="Idempotency-Key", remote_id_path="data.id")
    partner.next_answers(Planned(503, b"{}", {"Retry-After": "5"}), Planned(drop=True))

    failed, lost, found, again = send(hand_off), send(hand_off), hand_off.look_up(PAYLOAD, "delivery-7-0"), send(hand_off)

    assert isinstance(failed, RetryLater)
    assert failed.after_s == 5
    assert isinstance(lost, Unknown)
    assert (found, again) == (NotThere(), Delivered("remote-delivery-7-0"))
    assert len(partner.documents) == 1
    assert {request.headers["Idempotency-Key"] for request in partner.received} == {"delivery-7-0"}


@pytest.mark.parametrize("status", [408, 425])
def test_a_request_that_was_not_looked_at_is_sent_again(partner, opened, status) -> None:
    partner.next_answers(Planned(status, b"", processed=False))

    assert isinstance(send(opened()), RetryLater)


@pytest.mark.parametrize(
    ("header", "seconds"), [("12", 12), ("Sat, 21 Nov 2020 10:00:00 GMT", 0), ("999999999999", 86_400), ("soon", None), ("-5", None)]
)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(partner, opened, header, seconds) -> None:
    partner.next_answers(Planned(429, b"", {"Retry-After": header}))

    outcome = send(opened())

    assert isinstance(outcome, RetryLater)
    assert outcome.after_s == seconds


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Planned(200, b'{"orders":[{"ref":0}]}'), Delivered("0")),
        (Planned(201, b'{"orders":[{"ref":"A1"}]}'), Delivered("A1")),
        (Planned(202, b'{"orders":[{"ref":"A1"}]}'), Unknown),
        (Planned(200, b'{"orders":[]}'), Refused),
        (Planned(200, b'{"orders":[{"ref":""}]}'), Refused),
        (Planned(200, b'{"orders":[{"ref":null}],"errors":[{"title":"No such SKU"}]}'), Refused),
        (Planned(200, b"<html>Please log in</html>", {"Content-Type": "text/html"}), Unknown),
        (Planned(200, b'{"orders":[{"ref":"A1"', {}), Unknown),
        (Planned(200, b'{"orders":[{"ref":"A1"}]}', cut_after=8), Unknown),
        (Planned(200, b"[" * 100_000), Unknown),
        (Planned(200, b""), Unknown),
    ],
)
def test_the_success_rule_decides_what_an_answer_means(partner, opened, answer, outcome) -> None:
    """A definite answer without the value is a refusal; one that cannot be read leaves the delivery unknown."""
    partner.next_answers(answer)

    found = send(opened(success_status=("200-201",), success_path="orders[0].ref", remote_id_path="orders[0].ref"))

    assert found == outcome if isinstance(outcome, Delivered) else isinstance(found, outcome)


def test_errors_in_the_usual_shapes_are_told_field_by_field(partner, opened) -> None:
    body = {
        "errors": [{"title": "Invalid", "detail": "unknown SKU", "source": {"pointer": "/data/lines/0/sku"}}, {"message": "no postcode"}]
    }
    partner.next_answers(Planned(422, json.dumps(body).encode(), processed=False))

    outcome = send(opened())

    assert isinstance(outcome, Refused)
    assert outcome.text == "The partner answered 422: Invalid unknown SKU (/data/lines/0/sku); no postcode"


def test_an_answer_without_end_is_given_up_at_its_limit(partner, opened) -> None:
    """The status said that it arrived; what is more than a megabyte is not read."""
    partner.next_answers(Planned(201, b"x" * 20_000_000), Planned(201, b"x" * 20_000_000))

    plain = send(opened(answer_bytes_max=100_000))
    ruled = send(opened(answer_bytes_max=100_000, success_path="id"))

    assert plain == Delivered()
    assert isinstance(ruled, Unknown)
    assert len(ruled.reason) < 1000


def test_an_answer_that_unpacks_to_a_thousand_times_its_size_is_cut(partner, opened) -> None:
    """Packed answers are not asked for; one that comes all the same takes no more memory than another."""
    packed = gzip.compress(bytes(60_000_000))
    partner.next_answers(Planned(201, packed, {"Content-Encoding": "gzip"}))
    hand_off = opened(answer_bytes_max=100_000)
    tracemalloc.start()

    outcome = send(hand_off)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome == Delivered()
    assert partner.received[0].headers["Accept-Encoding"] == "identity"
    assert peak < 10_000_000


def test_a_connection_that_cannot_be_secured_holds_the_lane_and_refuses_no_document(tmp_path, opened) -> None:
    """A certificate that ran out is put right at the other side; every document would be refused for it otherwise."""
    calls = []
    with HttpPartner(make_certificates(tmp_path).server_context()) as secured:
        outcome = opened(url=secured.url(host="localhost")).send(PAYLOAD, "t", lambda: calls.append(1))

    assert isinstance(outcome, ConnectionLost)
    assert "certificate" in outcome.reason
    assert calls == []


def test_values_that_cannot_be_sent_are_refused_before_the_connection(partner, opened) -> None:
    """Half of a surrogate pair is no text in any encoding."""
    outcome = send(opened(), {"reference": "\ud800"})

    assert isinstance(outcome, Refused)
    assert outcome.code == "invalid"
    assert "field_map" in outcome.text
    assert partner.connections == 0


def test_a_host_without_an_address_holds_the_lane(opened) -> None:
    """No document behind it would find one."""
    assert isinstance(send(opened(url="https://nowhere.invalid/orders")), ConnectionLost)


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"method": "GET"}, "method"),
        ({"method": "post"}, "method"),
        ({"headers": {"Host": "inside"}}, "headers.Host"),
        ({"headers": {"content-length": "1"}}, "headers.content-length"),
        ({"success_status": ("2xx",)}, "success_status"),
    ],
)
def test_mistaken_settings_are_found_before_anything_is_sent(partner, opened, settings, path) -> None:
    """And by the check. No document is refused for them."""
    with pytest.raises(Invalid) as raised:
        send(opened(**settings))
    checked = opened(**settings).check()

    assert raised.value.path == path
    assert any(not result.ok and path in result.detail for result in checked)
    assert [request.method for request in partner.received if request.method != "OPTIONS"] == []


@pytest.mark.parametrize("headers", [{"X-A": "a\r\nX-B: b"}, {"X A:": "1"}])
def test_a_header_cannot_smuggle_another(partner, opened, headers) -> None:
    with pytest.raises(DomainError) as raised:
        send(opened(headers=headers))

    assert raised.value.code == "bad_request"
    assert partner.received == []


@pytest.mark.parametrize("payload", [{}, {"lines": [{"sku": "A"}]}])
def test_a_form_without_fields_or_with_levels_is_refused(partner, opened, payload) -> None:
    outcome = send(opened(body=HttpBody.FORM), payload)

    assert isinstance(outcome, Refused)
    assert partner.received == []


def test_a_preview_of_values_that_cannot_be_sent_says_why(opened) -> None:
    with pytest.raises(Invalid, match="field_map"):
        opened().preview({"price": float("nan")})


def test_a_partner_that_never_sends_a_whole_answer_is_given_up(opened) -> None:
    """One byte now and then keeps a connection alive for ever; the whole answer has a limit of its own."""
    with dripping() as url:
        outcome = send(opened(url=url, success_path="id", timeouts=QUICK))

    assert isinstance(outcome, Unknown)

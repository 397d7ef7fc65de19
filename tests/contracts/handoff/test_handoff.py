"""What every hand-off does, over HTTP and SOAP alike, on real sockets."""

import socket
import threading
from collections.abc import Callable

import pytest

from application.ports.destination import LeaseVoid
from application.ports.handoff import HandOffTimeouts
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, Refused, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure
from tests.services.http_partner import Planned
from tests.services.soap_partner import PASSWORD

SECRETS = ("top-secret", PASSWORD)


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool]) -> None:
    """Until it holds; the test's own limit ends a wait in vain."""
    pause = threading.Event()
    while not condition():
        pause.wait(0.002)


def warmed(bench, **settings):
    """An open hand-off that has what it needs of the partner, so that a plan begins with the document."""
    hand_off = bench.open(**settings)
    hand_off.preview(bench.payload)
    return hand_off


def test_a_document_arrives_once_and_the_partners_name_for_it_comes_back(bench) -> None:
    outcome = bench.open().send(bench.payload, "delivery-7-0", bench.handing_over)

    assert isinstance(outcome, Delivered)
    assert outcome.remote_id
    assert (bench.kept(), bench.calls) == (1, ["handing over"])


def test_many_documents_go_over_one_connection(bench) -> None:
    hand_off = bench.open()

    outcomes = [hand_off.send(bench.payload, f"delivery-{number}-0", bench.handing_over) for number in range(20)]

    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert bench.partner.connections == 1


def test_a_connection_that_the_partner_closed_while_it_was_idle_is_made_anew(bench) -> None:
    """Nothing was sent over the old one, so the next document is not in doubt."""
    hand_off = warmed(bench)
    ended = bench.partner.ended
    bench.partner.next_answers(Planned(202, b"", cut_after=0))
    first = hand_off.send(bench.payload, "t-1", bench.handing_over)
    wait_until(lambda: bench.partner.ended > ended)

    second = hand_off.send(bench.payload, "t-2", bench.handing_over)

    assert [type(outcome) for outcome in (first, second)] == [Delivered, Delivered]


def test_the_connection_stands_before_the_document_is_handed_over(bench) -> None:
    """Where the partner cannot be reached, nothing was handed over and the document may simply be sent again."""
    outcome = bench.open(address=f"http://127.0.0.1:{closed_port()}/orders").send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, ConnectionLost)
    assert bench.calls == []


def test_a_lease_that_is_void_at_the_last_moment_sends_nothing(bench) -> None:
    """Also after the connection was made: the partner gets no document, and the next one goes through."""
    hand_off = warmed(bench)

    def void() -> None:
        raise LeaseVoid

    def no_database() -> None:
        raise TemporaryFailure("The database cannot be reached")

    with pytest.raises(LeaseVoid):
        hand_off.send(bench.payload, "t", void)
    with pytest.raises(TemporaryFailure):
        hand_off.send(bench.payload, "t", no_database)

    assert bench.kept() == 0
    assert isinstance(hand_off.send(bench.payload, "t", bench.handing_over), Delivered)
    assert bench.kept() == 1


@pytest.mark.parametrize("processed", [True, False], ids=["after-processing", "before-processing"])
def test_a_connection_that_breaks_after_sending_leaves_the_delivery_unknown(bench, processed: bool) -> None:
    """The two look the same from here, so neither may be sent again without a look."""
    hand_off = warmed(bench)
    bench.partner.next_answers(Planned(processed=processed, drop=True))

    outcome = hand_off.send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, Unknown)
    assert bench.kept() == int(processed)


def test_an_answer_that_does_not_come_in_time_leaves_the_delivery_unknown(bench) -> None:
    hand_off = warmed(bench, timeouts=HandOffTimeouts(20, 0.3, 20))
    bench.partner.next_answers(Planned(held=True))

    assert isinstance(hand_off.send(bench.payload, "t", bench.handing_over), Unknown)


def test_too_many_requests_wait_as_long_as_the_partner_says(bench) -> None:
    hand_off = warmed(bench)
    bench.partner.next_answers(Planned(429, b"slow down", {"Retry-After": "37", "Content-Type": "text/plain"}, processed=False))

    outcome = hand_off.send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, RetryLater)
    assert outcome.after_s == 37


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_server_leaves_the_delivery_unknown(bench, status: int) -> None:
    """It may have failed after it took the document."""
    hand_off = warmed(bench)
    bench.partner.next_answers(Planned(status, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"}))

    outcome = hand_off.send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, Unknown)
    assert str(status) in outcome.reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422])
def test_a_refusal_says_what_the_partner_said_and_what_to_do(bench, status: int) -> None:
    """Secrets that the partner repeats do not get into the text, and a novel is cut."""
    hand_off = warmed(bench)
    said = f"the key {' and '.join(SECRETS)} is\x00\x1b[31m wrong\n" + "x" * 5000
    bench.partner.next_answers(Planned(status, said.encode(), {"Content-Type": "text/plain"}, processed=False))

    outcome = hand_off.send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, Refused)
    assert outcome.code == f"http_{status}"
    assert outcome.next_step
    assert outcome.text.isprintable()
    assert len(outcome.text) < 600
    assert "is [31m wrong" in outcome.text
    assert "***" in outcome.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(bench, status: int) -> None:
    """Neither inside nor to anywhere else."""
    hand_off = warmed(bench)
    inside = bench.partner.url("/inside")
    bench.partner.next_answers(Planned(status, b"", {"Location": inside}, processed=False))

    outcome = hand_off.send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, Refused)
    assert outcome.code == "redirected"
    assert "/inside" not in [request.path for request in bench.partner.received]


def test_an_address_inside_is_refused_before_anything_is_connected(bench) -> None:
    """Only what the operator allows is reached: here nothing is."""
    connections = bench.partner.connections

    with pytest.raises(DomainError) as refused:
        bench.open(address=bench.partner.url(), allowed="").send(bench.payload, "t", bench.handing_over)

    assert refused.value.code == "address_refused"
    assert "loopback" in refused.value.text
    assert (bench.calls, bench.partner.connections) == ([], connections)


def test_an_answer_that_is_cut_off_does_not_hide_that_the_document_was_sent(bench) -> None:
    """Over HTTP the status is the answer; over SOAP it stands in the part that is missing."""
    hand_off = warmed(bench)
    bench.partner.next_answers(Planned(200, b"<a>" + b"x" * 1000, {"Content-Type": "text/xml"}, cut_after=10))

    outcome = hand_off.send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, Delivered | Unknown)
    assert bench.calls == ["handing over"]


def test_a_look_up_without_a_way_to_ask_says_how_a_person_finds_out(bench) -> None:
    answer = bench.open().look_up(bench.payload, "t")

    assert isinstance(answer, CannotTell)
    assert "retry" in answer.how_to_check


def test_a_check_sends_no_document(bench) -> None:
    results = bench.open().check()

    assert all(result.ok for result in results), results
    assert bench.kept() == 0


def test_a_check_of_a_partner_that_is_down_says_so(bench) -> None:
    results = bench.open(address=f"http://127.0.0.1:{closed_port()}/orders").check()

    assert [result.ok for result in results][-1] is False
    assert results[-1].next_step
    assert all(secret not in str(results) for secret in SECRETS)


def test_a_preview_shows_the_document_and_hides_the_secrets(bench) -> None:
    text = bench.open().preview(bench.payload)

    assert "TEE-BLK-M" in text
    assert "***" in text
    assert all(secret not in text for secret in SECRETS)
    assert bench.kept() == 0


def test_settings_and_failures_do_not_show_the_secrets(bench) -> None:
    """In a log, a trace or a debugger."""
    hand_off = bench.open()
    bench.partner.next_answers(Planned(drop=True))

    outcome = hand_off.send(bench.payload, "t", bench.handing_over)

    assert isinstance(outcome, Unknown | RetryLater | ConnectionLost)
    assert all(secret not in f"{outcome} {hand_off._settings}" for secret in SECRETS)

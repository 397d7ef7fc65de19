"""Incidents posted to a program of the operator's."""

import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator

import pytest

from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from adapters.outbound.webhook import HttpWebhook
from domain.errors import DomainError, TemporaryFailure
from tests.fakes.clock import SetClock
from tests.services.http_partner import HttpPartner, Planned

KEY = "a key of more than thirty-two characters"
EVENT = {"event": "opened", "id": "inc_1", "text": "Zoë's books"}


@pytest.fixture
def receiver() -> Iterator[HttpPartner]:
    with HttpPartner() as receiver:
        yield receiver


def webhook(url: str, allowed: str = "127.0.0.0/8") -> HttpWebhook:
    sessions = OutboundSessions(OutboundAddresses(parse_allowed_networks(allowed)), ssl.create_default_context())
    return HttpWebhook(url, KEY, sessions.open, SetClock())


def test_an_event_is_posted_with_a_signature_over_time_and_body(receiver: HttpPartner) -> None:
    """Whoever has the key can tell that neither was exchanged."""
    webhook(receiver.url("/hook?secret=1")).post(EVENT)

    [request] = receiver.received
    timestamp = request.headers["X-Billhook-Timestamp"]
    expected = hmac.new(KEY.encode(), f"{timestamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert (request.method, request.path, json.loads(request.body)) == ("POST", "/hook?secret=1", EVENT)
    assert request.headers["X-Billhook-Signature"] == f"sha256={expected}"
    assert timestamp == str(int(SetClock().now().timestamp()))
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [302, 400, 401, 410, 500, 503])
def test_anything_but_success_is_told_again_later(receiver: HttpPartner, status: int) -> None:
    """A redirect is not followed: it could lead anywhere."""
    receiver.next_answers(Planned(status, headers={"Location": receiver.url("/elsewhere")}))

    with pytest.raises(TemporaryFailure, match=str(status)):
        webhook(receiver.url()).post(EVENT)

    assert len(receiver.received) == 1


def test_no_answer_is_told_again_later_and_names_no_address(receiver: HttpPartner) -> None:
    """The address may hold a secret."""
    receiver.next_answers(Planned(drop=True))

    with pytest.raises(TemporaryFailure) as failure:
        webhook(receiver.url("/hook?secret=1")).post(EVENT)

    assert "secret" not in failure.value.text


def test_an_address_inside_is_refused_unless_the_operator_names_it(receiver: HttpPartner) -> None:
    """The same rules as for deliveries."""
    with pytest.raises(DomainError) as refusal:
        webhook(receiver.url(), allowed="").post(EVENT)

    assert refusal.value.code == "address_refused"
    assert receiver.received == []

"""What a mail server may answer at each verb, and what becomes of the mail (fault matrix 28 and 29)."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.mail.mailer import SmtpMailer
from adapters.mail.smtp_connection import Timeouts
from application.ports.mailer import Mail
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure
from tests.fakes.clock import SetClock
from tests.fakes.mail_server import HANG_UP, ScriptedMailServer

MAIL = Mail(
    message_id="<delivery-1-0@billhook.acme.example>",
    sender="accounts@acme.example",
    to=("good@x.example",),
    bcc=("bad@x.example",),
    subject="Invoice INV-000001",
    text="Dear Gift Shop",
)


def mailer(server: ScriptedMailServer) -> SmtpMailer:
    """Patient for two seconds only."""
    return SmtpMailer(server.url, SetClock(), timeouts=Timeouts(2, 2))


def send(server: ScriptedMailServer, mail: Mail = MAIL) -> tuple[Outcome, int]:
    """The outcome, and how often the mail was handed over."""
    handed_over: list[int] = []
    with mailer(server).open() as session:
        outcome = session.send(mail, lambda: handed_over.append(1))
    return outcome, len(handed_over)


CASES: list[Any] = [
    # script, outcome, how often handed over, how many contents the server got
    pytest.param({"MAIL": ["451 busy"]}, RetryLater, 0, 0, id="MAIL refused for now"),
    pytest.param({"MAIL": ["550 unknown sender"]}, Refused, 0, 0, id="MAIL refused for good"),
    pytest.param({"MAIL": ["421 closing"]}, Delivered, 1, 1, id="MAIL on a closing connection goes over a new one"),
    pytest.param({"MAIL": [HANG_UP]}, Delivered, 1, 1, id="MAIL on a connection closed while idle goes over a new one"),
    pytest.param({"MAIL": ["421 closing", "421 closing"]}, RetryLater, 0, 0, id="MAIL twice on a closing connection"),
    pytest.param({"MAIL": [HANG_UP, HANG_UP]}, ConnectionLost, 0, 0, id="MAIL twice without an answer"),
    pytest.param({"RCPT": ["450 greylisted", "450 greylisted"]}, RetryLater, 0, 0, id="all recipients refused for now"),
    pytest.param({"RCPT": ["550 unknown", "550 unknown"]}, Refused, 0, 0, id="all recipients refused for good"),
    pytest.param({"RCPT <bad@x.example>": ["550 unknown"]}, Refused, 0, 0, id="one recipient refused for good"),
    pytest.param({"RCPT <bad@x.example>": ["450 greylisted"]}, RetryLater, 0, 0, id="one recipient refused for now"),
    pytest.param({"RCPT": ["450 later", "550 unknown"]}, Refused, 0, 0, id="one for now, one for good"),
    pytest.param({"RCPT": [HANG_UP]}, ConnectionLost, 0, 0, id="RCPT without an answer"),
    pytest.param({"RCPT": ["421 closing"]}, RetryLater, 0, 0, id="RCPT on a closing connection"),
    pytest.param({"DATA": ["451 not now"]}, RetryLater, 1, 0, id="DATA refused for now"),
    pytest.param({"DATA": ["554 no"]}, Refused, 1, 0, id="DATA refused for good"),
    pytest.param({"DATA": [HANG_UP]}, ConnectionLost, 1, 0, id="DATA without an answer"),
    pytest.param({".": ["452 disk full"]}, RetryLater, 1, 1, id="content refused for now"),
    pytest.param({".": ["552 too large"]}, Refused, 1, 1, id="content refused for good"),
    pytest.param({".": [HANG_UP]}, Unknown, 1, 1, id="no answer after the content"),
]


@pytest.mark.parametrize(("script", "expected", "handed_over", "taken"), CASES)
def test_each_answer_has_its_outcome(script: dict[str, list[str]], expected: type, handed_over: int, taken: int) -> None:
    """The content is sent once at most, and never where a recipient was refused."""
    with ScriptedMailServer(script) as server:
        outcome, times = send(server)

    assert type(outcome) is expected, outcome
    assert times == handed_over
    assert len(server.mails) == taken


@pytest.mark.parametrize(
    "script", [{"MAIL": ["550 5.7.1 unknown sender"]}, {"DATA": ["554 5.7.1 unknown sender"]}, {".": ["554 5.7.1 unknown sender"]}]
)
def test_a_refusal_gives_the_servers_words_and_a_next_step(script: dict[str, list[str]]) -> None:
    with ScriptedMailServer(script) as server:
        outcome, _ = send(server)

    assert isinstance(outcome, Refused)
    assert "5.7.1 unknown sender" in outcome.text
    assert "billhook deliveries retry" in outcome.next_step


def test_one_bad_recipient_keeps_the_mail_from_all() -> None:
    """So that correcting the address and trying again reaches everybody once."""
    with ScriptedMailServer({"RCPT <bad@x.example>": ["550 5.1.1 no such user"]}) as server:
        outcome, _ = send(server)

    assert isinstance(outcome, Refused)
    assert "bad@x.example: 550 5.1.1 no such user" in outcome.text
    assert "good@x.example" not in outcome.text
    assert "DATA" not in server.verbs


@pytest.mark.parametrize("script", [case.values[0] for case in CASES if case.values[1] in {Refused, RetryLater, Unknown, ConnectionLost}])
def test_the_next_mail_goes_through_whatever_became_of_the_one_before(script: dict[str, list[str]]) -> None:
    with ScriptedMailServer(script) as server, mailer(server).open() as session:
        session.send(MAIL, lambda: None)

        outcome = session.send(replace(MAIL, message_id="<delivery-2-0@billhook.acme.example>"), lambda: None)

    assert isinstance(outcome, Delivered)
    assert b"delivery-2-0" in server.mails[-1]


def test_both_tries_of_a_mail_carry_the_same_message_id_and_the_same_bytes() -> None:
    """Servers and readers can tell the second copy where the first try had no answer."""
    with ScriptedMailServer({".": [HANG_UP]}) as server:
        send(server)
        send(server)

    assert len(server.mails) == 2
    assert server.mails[0] == server.mails[1]


def test_the_queue_id_of_the_server_is_kept() -> None:
    with ScriptedMailServer() as server:
        outcome, _ = send(server)

    assert outcome == Delivered(remote_id="4F2A")


def test_many_mails_take_one_connection_and_no_needless_words() -> None:
    with ScriptedMailServer() as server, mailer(server).open() as session:
        for number in range(10):
            session.send(replace(MAIL, message_id=f"<delivery-{number}-0@x.example>"), lambda: None)

    assert server.connections == 1
    assert server.verbs == ["EHLO", *["MAIL", "RCPT", "RCPT", "DATA"] * 10, "QUIT"]


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent() -> None:
    with ScriptedMailServer({"EHLO": ["250-scripted\r\n250 SIZE 200"]}) as server:
        outcome, handed_over = send(server)

    assert isinstance(outcome, Refused)
    assert outcome.code == "mail_too_large"
    assert handed_over == 0


def test_a_mail_server_cannot_be_asked_what_arrived() -> None:
    """But a person is told what to look for, and where."""
    with ScriptedMailServer() as server, mailer(server).open() as session:
        answer = session.look_up(MAIL.message_id)

    assert isinstance(answer, CannotTell)
    assert MAIL.message_id in answer.how_to_check


@pytest.mark.parametrize("greeting", ["554 go away", "421 too many", HANG_UP])
def test_a_server_that_does_not_greet_is_tried_again_later(greeting: str) -> None:
    with (
        ScriptedMailServer({"CONNECT": [greeting]}) as server,
        pytest.raises(TemporaryFailure, match="Mail server"),
        mailer(server).open(),
    ):
        pass


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with ScriptedMailServer() as server:
        gone = mailer(server)

    with pytest.raises(TemporaryFailure, match="cannot be reached"), gone.open():
        pass


def test_a_password_is_never_sent_in_clear_unasked() -> None:
    """STARTTLS is required wherever a log-in is given."""
    with ScriptedMailServer() as server:
        url = server.url.replace("smtp://", "smtp://user:secret@")

        with pytest.raises(DomainError, match="offers no STARTTLS") as refusal, SmtpMailer(url, SetClock()).open():
            pass

    assert refusal.value.code == "smtp_not_secure"
    assert "AUTH" not in server.verbs

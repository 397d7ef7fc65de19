"""The mail about an order's file, with the real templates, over SMTP and into files (seed 000, Photo Wonder)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from adapters.documents.templates import SandboxedTemplates
from adapters.mail.eml import EmlFileMailer
from adapters.mail.mailer import SmtpMailer
from adapters.mail.order_mail import OrderMailDestination, open_order_mailer
from application.ports.destination import Consignment, LaneContext
from application.ports.mailer import Attachment, Mailer
from domain.delivery.outcome import CannotTell, Delivered, NotThere, Outcome, Refused, Unknown
from tests.factories import a_company, an_admin_company, an_integration, an_issued, an_order_document
from tests.fakes.clock import SetClock
from tests.services.mail_catcher import ACCEPT_AND_HANG_UP, MailCatcher

SETTINGS = {
    "email_from": "accounts@acme.example",
    "email_bcc": "books@photo.example,archive@acme.example",
    "subject_template": "Order {{ order.ref }} of {{ company.name }}",
    "html_template": "<p>{{ order.billing.name }}: {{ order.total }} in {{ file.name }}</p>",
}
FILE = Attachment("order-1-90001.xml", "application/xml", b"<orders/>")


@pytest.fixture(scope="module")
def templates() -> Iterator[SandboxedTemplates]:
    made = SandboxedTemplates(1)
    yield made
    made.close()


def opened(mailer: Mailer, templates: SandboxedTemplates, **settings: Any) -> AbstractContextManager[OrderMailDestination]:
    """The destination of a lane with these settings beside the usual ones."""
    integration = an_integration(kind="photo_wonder", settings={**SETTINGS, **settings})
    lane = LaneContext(integration, a_company(), an_admin_company(), {})
    return open_order_mailer(lane, mailer, templates, lambda _consignment: FILE)


def consignment() -> Consignment:
    return Consignment(1, "dlv-1-0", an_order_document(), steps={"uploaded": "/orders/order-1-90001.xml"})


def send(catcher: MailCatcher, templates: SandboxedTemplates, **settings: Any) -> Outcome:
    """One mail."""
    with opened(SmtpMailer(catcher.url(), SetClock()), templates, **settings) as destination:
        [(_, outcome)] = destination.deliver([consignment()], lambda _: None)
    return outcome


def test_the_mail_goes_to_everybody_in_the_bcc_and_names_nobody(mail_catcher: MailCatcher, templates: SandboxedTemplates) -> None:
    """With the words of the templates, and without the file."""
    outcome = send(mail_catcher, templates)

    [mail] = mail_catcher.mails
    assert isinstance(outcome, Delivered)
    assert mail.envelope_to == ("books@photo.example", "archive@acme.example")
    assert (mail.subject, str(mail.message["To"])) == ("Order 90001 of Gift Shop Ltd", "undisclosed-recipients:;")
    assert mail.message["Message-ID"] == "<dlv-1-0@billhook.acme.example>"
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "Zoë Ångström: 19.20 in order-1-90001.xml"
    assert mail.attachments() == {}


def test_the_mail_carries_the_file_where_that_is_wanted(mail_catcher: MailCatcher, templates: SandboxedTemplates) -> None:
    """As it was put into the folder."""
    send(mail_catcher, templates, attach_file=True)

    assert mail_catcher.mails[0].attachments() == {FILE.name: FILE.content}


def test_without_templates_there_are_words_of_ours(mail_catcher: MailCatcher, templates: SandboxedTemplates) -> None:
    """And the seller is the sender."""
    send(mail_catcher, templates, subject_template="", html_template="", email_from="")

    [mail] = mail_catcher.mails
    assert (mail.subject, mail.envelope_from) == ("Order 90001 from ACME Print Ltd", "accounts@acme.example")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"email_bcc": ""}, "no_recipient"),
        ({"email_bcc": "nobody"}, "bad_address"),
        ({"html_template": "{{ invoice.number }}"}, "template_failed"),
    ],
)
def test_settings_that_do_not_do_wait_for_a_person(
    mail_catcher: MailCatcher, templates: SandboxedTemplates, settings: dict[str, str], code: str
) -> None:
    """They may have been saved by an older version."""
    outcome = send(mail_catcher, templates, **settings)

    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert mail_catcher.mails == []


def test_a_refused_recipient_is_traced_to_its_setting(mail_catcher: MailCatcher, templates: SandboxedTemplates) -> None:
    """The mailer knows the address, and not where it was written."""
    mail_catcher.reply("RCPT", "550 5.1.1 No such user")

    outcome = send(mail_catcher, templates)

    assert isinstance(outcome, Refused)
    assert outcome.next_step.startswith("Correct email_bcc of 501/photo_wonder, apply, then `billhook deliveries retry {delivery}`.")


def test_a_mail_whose_answer_was_lost_is_looked_for_by_its_message_id(mail_catcher: MailCatcher, templates: SandboxedTemplates) -> None:
    """By a person, since a mail server cannot be asked."""
    mail_catcher.reply(".", ACCEPT_AND_HANG_UP)

    outcome = send(mail_catcher, templates)
    with opened(SmtpMailer(mail_catcher.url(), SetClock()), templates) as destination:
        answer = destination.look_up(consignment())

    assert isinstance(outcome, Unknown)
    assert isinstance(answer, CannotTell)
    assert mail_catcher.mails[0].message["Message-ID"] in answer.how_to_check


def test_a_mail_in_a_file_is_looked_up_there(tmp_path: Path, templates: SandboxedTemplates) -> None:
    """Without a mail server the file is the proof."""
    with opened(EmlFileMailer(tmp_path, SetClock()), templates) as destination:
        before = destination.look_up(consignment())
        list(destination.deliver([consignment()], lambda _: None))
        after = destination.look_up(consignment())

    assert before == NotThere()
    assert isinstance(after, Delivered)


def test_a_check_writes_a_mail_about_an_invented_order_and_sends_none(mail_catcher: MailCatcher, templates: SandboxedTemplates) -> None:
    """Good settings and bad ones."""
    with opened(SmtpMailer(mail_catcher.url(), SetClock()), templates) as destination:
        good = destination.check()
    with opened(SmtpMailer(mail_catcher.url(), SetClock()), templates, subject_template="{{ nothing }}") as destination:
        bad = destination.check()

    assert [result.ok for result in good] == [True, True]
    assert [result.ok for result in bad] == [True, False]
    assert mail_catcher.mails == []


def test_a_preview_shows_the_mail(tmp_path: Path, templates: SandboxedTemplates) -> None:
    """As text."""
    with opened(EmlFileMailer(tmp_path, SetClock()), templates, attach_file=True) as destination:
        shown = destination.preview(consignment())

    assert "Subject: Order 90001 of Gift Shop Ltd" in shown
    assert "Attachment: order-1-90001.xml (9 bytes)" in shown
    assert not list(tmp_path.rglob("*.eml"))


def test_an_invoice_never_gets_into_this_lane(tmp_path: Path, templates: SandboxedTemplates) -> None:
    """It would be a bug, and not a refusal."""
    with opened(EmlFileMailer(tmp_path, SetClock()), templates) as destination, pytest.raises(TypeError, match="holds no order"):
        destination.preview(Consignment(1, "dlv-1-0", an_issued()))

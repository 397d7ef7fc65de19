"""The PDF Emailer with the real renderer and templates, writing its mails to files (seed 002)."""

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from adapters.documents.invoice_renderer import TypstInvoiceRenderer
from adapters.documents.templates import SandboxedTemplates
from adapters.mail.eml import EmlFileMailer
from adapters.mail.mailer import SmtpMailer
from adapters.mail.message import ENVELOPE_HEADER
from adapters.mail.pdf_emailer import PdfEmailerDestination, open_pdf_emailer
from adapters.mail.smtp_connection import Timeouts
from application.ports.destination import Consignment, LaneContext, LeaseVoid
from domain.companies.company import Company
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, NotThere, Outcome, Refused, Unknown
from domain.invoicing.credit import credit_invoice
from domain.invoicing.document import Issued
from tests.factories import a_company, a_company_billed_per_customer, an_admin_company, an_integration, an_issued, an_order, issue
from tests.fakes.clock import SetClock
from tests.fakes.mail_server import HANG_UP, ScriptedMailServer

Consignments = Sequence[Consignment]


@pytest.fixture(scope="module")
def renderer() -> Iterator[TypstInvoiceRenderer]:
    made = TypstInvoiceRenderer(1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def templates() -> Iterator[SandboxedTemplates]:
    made = SandboxedTemplates(1)
    yield made
    made.close()


@pytest.fixture
def deliver(tmp_path: Path, renderer: TypstInvoiceRenderer, templates: SandboxedTemplates) -> Callable[..., list[Outcome]]:
    """Deliver documents with given settings over a mailer that writes files."""

    def run(settings: dict[str, Any], *documents: Issued, company: Company | None = None) -> list[Outcome]:
        with open_pdf_emailer(lane(settings, company), EmlFileMailer(tmp_path, SetClock()), renderer, templates) as destination:
            batch = [consignment(number, document) for number, document in enumerate(documents or (an_issued(),), start=1)]
            return [outcome for _, outcome in destination.deliver(batch, lambda _: None)]

    return run


@pytest.fixture
def emailer(tmp_path: Path, renderer: TypstInvoiceRenderer, templates: SandboxedTemplates) -> Iterator[PdfEmailerDestination]:
    """With the usual settings, over files."""
    with open_pdf_emailer(lane(dict(an_integration().settings)), EmlFileMailer(tmp_path, SetClock()), renderer, templates) as destination:
        yield destination


def lane(settings: dict[str, Any], company: Company | None = None) -> LaneContext:
    return LaneContext(an_integration(settings=settings), company or a_company(), an_admin_company(), {})


def consignment(number: int = 1, document: Issued | None = None) -> Consignment:
    return Consignment(number, f"delivery-{number}-0", document or an_issued())


def mails(folder: Path) -> list[EmailMessage]:
    """The mails that were written."""
    paths = sorted((folder / "mail").glob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]  # type: ignore[misc]


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_an_invoice_is_mailed_as_a_pdf(deliver: Callable[..., list[Outcome]], tmp_path: Path) -> None:
    [outcome] = deliver(dict(an_integration().settings))

    [mail] = mails(tmp_path)
    [attachment] = mail.iter_attachments()
    assert isinstance(outcome, Delivered)
    assert mail["From"] == "accounts@acme.example"
    assert mail["To"] == "invoices@giftshop.example"
    assert mail["Subject"] == "Invoice INV-000001"
    assert "Dear Gift Shop Ltd, please find invoice INV-000001 attached." in html_of(mail)
    assert attachment.get_filename() == "Invoice-INV-000001.pdf"
    assert attachment.get_content().startswith(b"%PDF-1.7")  # type: ignore[attr-defined]


def test_without_templates_the_mail_says_what_matters(deliver: Callable[..., list[Outcome]], tmp_path: Path) -> None:
    deliver({"email_from": "accounts@acme.example", "email_bcc": "books@x.example"})

    [mail] = mails(tmp_path)
    text = mail.get_body(("plain",))
    assert text is not None
    assert mail["Subject"] == "Invoice INV-000001 from ACME Print Ltd"
    for fact in ("INV-000001", "GBP 19.20", "2026-12-21", "90001 (WEB-1001)", "ACME Print Ltd"):
        assert fact in html_of(mail)
        assert fact in text.get_content()


def test_orders_of_two_systems_with_one_ref_are_told_apart(deliver: Callable[..., list[Outcome]], tmp_path: Path) -> None:
    """In both lists that a template has."""
    orders = "{% for order in invoice.orders %}{{ order.ref }} {% endfor %}"
    lines = "{% for line in invoice.lines %}{{ line.order_ref }} {% endfor %}"
    templates = {"subject_template": orders, "html_template": lines}
    deliver({**an_integration().settings, **templates}, an_issued(an_order(), an_order(source="shop")))

    [mail] = mails(tmp_path)
    assert mail["Subject"].split() == ["oms:90001", "shop:90001"]
    assert html_of(mail).split() == ["oms:90001", "oms:90001", "shop:90001", "shop:90001"]


def test_a_credit_note_says_what_it_corrects(deliver: Callable[..., list[Outcome]], tmp_path: Path) -> None:
    note, _ = issue(credit_invoice(an_issued(), (), frozenset(), "Damaged <in transit>"))

    deliver({"email_from": "accounts@acme.example", "email_to": "books@x.example"}, replace(note, display_number="CN-000001"))

    [mail] = mails(tmp_path)
    [attachment] = mail.iter_attachments()
    assert mail["Subject"] == "Credit note CN-000001 from ACME Print Ltd"
    assert "It corrects invoice INV-000001: Damaged &lt;in transit&gt;." in html_of(mail)
    assert attachment.get_filename() == "Credit-note-CN-000001.pdf"
    assert "due on" not in html_of(mail)


@pytest.mark.parametrize(
    ("settings", "company", "to", "envelope"),
    [
        pytest.param({"email_to": "a@x.example"}, a_company(), "a@x.example", "a@x.example", id="email_to goes first"),
        pytest.param({}, a_company(), "invoices@giftshop.example", "invoices@giftshop.example", id="else the company's address"),
        pytest.param(
            {}, a_company_billed_per_customer(), "zoe@example.com", "zoe@example.com", id="else the customer's, where customers are billed"
        ),
        pytest.param(
            {"email_bcc": "a@x.example, b@x.example,invoices@giftshop.example"},
            a_company(),
            "invoices@giftshop.example",
            "invoices@giftshop.example, a@x.example, b@x.example",
            id="blind copies, each address once",
        ),
        pytest.param({"email_bcc": "a@x.example"}, a_company(email=""), "undisclosed-recipients:;", "a@x.example", id="blind copies only"),
    ],
)
def test_who_gets_the_mail(
    deliver: Callable[..., list[Outcome]], tmp_path: Path, settings: dict[str, str], company: Company, to: str, envelope: str
) -> None:
    document = an_issued()
    buyer = replace(document.draft.buyer, email="zoe@example.com" if company.plan.bill_to == "customer" else "")
    document = replace(document, draft=replace(document.draft, buyer=buyer))

    deliver({"email_from": "accounts@acme.example", **settings}, document, company=company)

    [mail] = mails(tmp_path)
    assert mail["To"] == to
    assert mail[ENVELOPE_HEADER] == envelope


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        pytest.param({"email_from": ""}, "no_recipient", "has no recipient", id="nobody to send to"),
        pytest.param({"email_to": "a@x.example;b@x.example"}, "bad_address", "is no mail address", id="not separated by commas"),
        pytest.param(
            {"email_to": "a@x.example", "subject_template": "{{ invoice.numbr }}"},
            "template_failed",
            "did you mean 'number'",
            id="unknown variable",
        ),
        pytest.param({"email_to": "a@x.example", "html_template": "\n{% if %}"}, "template_failed", "Line 2", id="bad template"),
    ],
)
def test_what_a_person_must_correct_is_refused_with_words(
    deliver: Callable[..., list[Outcome]], tmp_path: Path, settings: dict[str, str], code: str, words: str
) -> None:
    document = an_issued()
    document = replace(document, draft=replace(document.draft, buyer=replace(document.draft.buyer, email="")))

    [outcome] = deliver({"email_from": "accounts@acme.example", **settings}, document, company=a_company(email=""))

    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert words in outcome.text
    assert outcome.next_step
    assert "template" in code or "of 501/pdf_emailer" in outcome.next_step
    assert mails(tmp_path) == []


def test_one_document_that_cannot_be_set_does_not_stop_the_others(deliver: Callable[..., list[Outcome]], tmp_path: Path) -> None:
    document = an_issued()
    unprintable = replace(document, draft=replace(document.draft, buyer=replace(document.draft.buyer, name="\U00013000")))

    outcomes = deliver({"email_from": "accounts@acme.example", "email_to": "a@x.example"}, unprintable, document)

    assert [type(outcome) for outcome in outcomes] == [Refused, Delivered]
    assert len(mails(tmp_path)) == 1


def test_a_second_try_of_a_delivery_leaves_one_mail(deliver: Callable[..., list[Outcome]], tmp_path: Path) -> None:
    """The Message-ID is that of the delivery, and the file is named by it."""
    settings = dict(an_integration().settings)

    outcomes = deliver(settings) + deliver(settings)

    [mail] = mails(tmp_path)
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert mail["Message-ID"] == "<delivery-1-0@billhook.acme.example>"


def test_a_mail_in_a_file_is_for_nobody_elses_eyes(deliver: Callable[..., list[Outcome]], tmp_path: Path) -> None:
    """It holds names and addresses of customers."""
    deliver(dict(an_integration().settings))

    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*.eml")] == [0o600]


def test_a_mail_in_a_file_can_be_looked_up(emailer: PdfEmailerDestination) -> None:
    before = emailer.look_up(consignment())
    list(emailer.deliver([consignment()], lambda _: None))

    assert isinstance(before, NotThere)
    assert isinstance(emailer.look_up(consignment()), Delivered)


def test_a_void_lease_ends_the_lane_before_the_mail_is_out(emailer: PdfEmailerDestination, tmp_path: Path) -> None:
    def void(_: Consignments) -> None:
        raise LeaseVoid

    with pytest.raises(LeaseVoid):
        list(emailer.deliver([consignment()], void))

    assert mails(tmp_path) == []


def test_a_check_tries_the_templates_and_sends_nothing(emailer: PdfEmailerDestination, tmp_path: Path) -> None:
    results = emailer.check()

    assert [(result.name, result.ok) for result in results] == [("mail server", True), ("sender, recipients and templates", True)]
    assert mails(tmp_path) == []


def test_a_preview_shows_the_mail_and_sends_nothing(emailer: PdfEmailerDestination, tmp_path: Path) -> None:
    shown = emailer.preview(Consignment(1, "preview", an_issued()))

    assert "To: invoices@giftshop.example" in shown
    assert "Subject: Invoice INV-000001" in shown
    assert "Attachment: Invoice-INV-000001.pdf" in shown
    assert mails(tmp_path) == []


def test_a_recipient_that_the_server_refuses_is_corrected_in_a_setting_that_is_named(
    renderer: TypstInvoiceRenderer, templates: SandboxedTemplates
) -> None:
    """The id of the delivery is put in by whoever settles it."""
    with ScriptedMailServer({"RCPT": ["550 no such mailbox"]}) as server:
        mailer = SmtpMailer(server.url, SetClock(), timeouts=Timeouts(2, 2))
        with open_pdf_emailer(lane(dict(an_integration().settings)), mailer, renderer, templates) as destination:
            [(_, outcome)] = destination.deliver([consignment()], lambda _: None)

    assert isinstance(outcome, Refused)
    assert "email_to or email_bcc" in outcome.next_step
    assert "of 501/pdf_emailer" in outcome.next_step
    assert "`billhook deliveries retry {delivery}`" in outcome.next_step


def test_a_lost_connection_ends_the_batch_and_an_unanswered_mail_does_not(
    renderer: TypstInvoiceRenderer, templates: SandboxedTemplates
) -> None:
    """What has no outcome was not handed over."""
    script = {".": [HANG_UP], "RCPT": ["250 ok", HANG_UP]}
    handed_over: list[int] = []

    with ScriptedMailServer(script) as server:
        mailer = SmtpMailer(server.url, SetClock(), timeouts=Timeouts(2, 2))
        with open_pdf_emailer(lane(dict(an_integration().settings)), mailer, renderer, templates) as destination:
            batch = [consignment(number) for number in (1, 2, 3)]
            outcomes = list(destination.deliver(batch, lambda group: handed_over.extend(one.delivery_id for one in group)))
            answer = destination.look_up(batch[0])

    assert [type(outcome) for _, outcome in outcomes] == [Unknown, ConnectionLost]
    assert handed_over == [1]
    assert isinstance(answer, CannotTell)
    assert "<delivery-1-0@billhook.acme.example>" in answer.how_to_check

"""`pdf_emailer`: each document as a PDF by mail (seed 002, PDF Emailer)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from domain.companies.plan import BillTo
from entrypoints.configuration.fields import LongText, MailAddresses, MailSender
from entrypoints.configuration.kinds.kind import Kind, Surroundings
from entrypoints.configuration.kinds.templates import check_templates
from entrypoints.configuration.strict import Strict


class PdfEmailerSettings(Strict):
    """Who gets the mail, and what it says."""

    email_from: Annotated[
        MailSender, Field(description="`accounts@acme.example` or `ACME <accounts@acme.example>`; default: the seller's.")
    ] = ""
    email_to: Annotated[MailAddresses, Field(description="Recipients, with commas between them; default: the buyer's address.")] = ""
    email_bcc: Annotated[MailAddresses, Field(description="Recipients that nobody else sees, with commas between them.")] = ""
    subject_template: Annotated[LongText, Field(description="Jinja2, e.g. `Invoice {{ invoice.number }}`; default: a subject of ours.")] = (
        ""
    )
    html_template: Annotated[str, Field(max_length=64_000, description="Jinja2, the mail's text as HTML; default: a text of ours.")] = ""
    errors_to: Annotated[MailAddresses, Field(description="Who is told what cannot be invoiced or mailed.")] = ""


def check(settings: PdfEmailerSettings, around: Surroundings) -> Iterator[tuple[str, str]]:
    """Somebody must get the mails, and both templates must work for an invented invoice."""
    company = around.company
    if company and company.plan.bill_to is BillTo.COMPANY and not (settings.email_to or settings.email_bcc or company.email):
        yield "", "Nobody would get these mails: give email_to or email_bcc here, or the company an email."
    yield from check_templates(settings, around.templates, around.sample)


KIND = Kind("pdf_emailer", PdfEmailerSettings, secrets={}, check=check)

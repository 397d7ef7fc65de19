"""`pdf_emailer`: the invoice as a PDF by mail."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from application.ports.templates import Templates
from domain.errors import DomainError
from entrypoints.configuration.fields import LongText, MailAddress, MailAddresses
from entrypoints.configuration.kinds.kind import Kind
from entrypoints.configuration.sample import sample_variables
from entrypoints.configuration.strict import Strict


class PdfEmailerSettings(Strict):
    """Who gets the mail, and what it says."""

    email_from: Annotated[MailAddress, Field(min_length=3, description="Sender.")]
    email_to: Annotated[MailAddresses, Field(description="Recipients, with commas between them.")] = ""
    email_bcc: Annotated[MailAddresses, Field(description="Recipients that nobody else sees, with commas between them.")] = ""
    subject_template: Annotated[LongText, Field(description="Jinja2, e.g. `Invoice {{ invoice.number }}`.")] = (
        "Invoice {{ invoice.number }}"
    )
    html_template: Annotated[
        str, Field(max_length=200_000, description="Jinja2, the mail's text as HTML; empty: a plain text of ours.")
    ] = ""
    errors_to: Annotated[MailAddresses, Field(description="Who is told when a mail cannot be sent.")] = ""

    @model_validator(mode="after")
    def _has_recipient(self) -> Self:
        if not self.email_to and not self.email_bcc:
            raise ValueError("nobody would get these mails: give email_to or email_bcc")
        return self


def check(settings: PdfEmailerSettings, templates: Templates) -> Iterator[tuple[str, str]]:
    """Render both templates with a sample invoice."""
    for key, render in (("subject_template", templates.render_text), ("html_template", templates.render_html)):
        try:
            render(getattr(settings, key), sample_variables())
        except DomainError as error:
            yield key, f"{error.text} {error.next_step}".strip()


KIND = Kind("pdf_emailer", PdfEmailerSettings, secrets={}, check=check)

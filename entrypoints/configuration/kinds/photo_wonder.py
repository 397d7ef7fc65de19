"""`photo_wonder`: each order as an XML file, and a templated mail about it (seed 000, Photo Wonder)."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from entrypoints.configuration.fields import LongText, MailAddresses, MailSender
from entrypoints.configuration.kinds import file_drop
from entrypoints.configuration.kinds.file_drop import SECRETS, FileDropSettings
from entrypoints.configuration.kinds.kind import Kind, Surroundings
from entrypoints.configuration.kinds.templates import check_templates


class PhotoWonderSettings(FileDropSettings):
    """Where the files go, who is told of each, and what the mail says."""

    email_from: Annotated[
        MailSender, Field(description="`accounts@acme.example` or `ACME <accounts@acme.example>`; default: the seller's.")
    ] = ""
    email_bcc: Annotated[
        MailAddresses, Field(min_length=1, description="Who gets the mail, with commas between them; nobody sees the others.")
    ]
    subject_template: Annotated[LongText, Field(description="Jinja2, e.g. `Order {{ order.ref }}`; default: a subject of ours.")] = ""
    html_template: Annotated[str, Field(max_length=64_000, description="Jinja2, the mail's text as HTML; default: a text of ours.")] = ""
    attach_file: Annotated[bool, Field(description="Whether the mail carries the file as well.")] = False


def check(settings: PhotoWonderSettings, around: Surroundings) -> Iterator[tuple[str, str]]:
    """As for every file drop; and both templates must work for an invented order."""
    yield from file_drop.check(settings, around)
    yield from check_templates(settings, around.templates, around.sample_order)


KIND = Kind("photo_wonder", PhotoWonderSettings, secrets=SECRETS, check=check, check_secrets=file_drop.check_secrets)

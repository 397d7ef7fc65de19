"""The pages about a fleet, followed literally: real PostgreSQL, RabbitMQ and mail server, and roles in the background of one shell."""

import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import ROOT, blocks, name_of, pages
from tests.docs.session import run
from tests.services.mail_catcher import MailCatcher
from tests.services.rabbitmq import RabbitServer, vhost_of

FLEET = ROOT / "docs/how-to/run-a-fleet.md"


def user_with_documented_rights(rabbitmq: RabbitServer, broker_url: str) -> str:
    """The URL for a user who may do what the page says, and nothing else."""
    (pattern,) = re.findall(r"configure, write and read `(.+?)`", FLEET.read_text(encoding="utf-8"))
    user, password = f"fleet-{secrets.token_hex(4)}", secrets.token_hex(16)
    rabbitmq.api("PUT", f"/api/users/{user}", {"password": password, "tags": ""})
    rights = {"configure": pattern, "write": pattern, "read": pattern}
    rabbitmq.api("PUT", f"/api/permissions/{vhost_of(broker_url)}/{user}", rights)
    parts = urlsplit(broker_url)
    return parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}").geturl()


@pytest.mark.parametrize("page", [page for page in pages() if any(block.mark == "fleet" for block in blocks(page))], ids=name_of)
def test_the_commands_of_a_page_about_a_fleet_do_what_it_says(
    page: Path, tmp_path: Path, postgres_url: str, broker_url: str, rabbitmq: RabbitServer, mail_catcher: MailCatcher
) -> None:
    """In the order of the page, with the output it shows; every order that is sent arrives as a mail."""
    settings = {
        "BILLHOOK_DATABASE_URL": postgres_url,
        "BILLHOOK_BROKER_URL": user_with_documented_rights(rabbitmq, broker_url),
        "BILLHOOK_SECRET_KEY": secrets.token_urlsafe(48),
        "BILLHOOK_SMTP_URL": mail_catcher.url(),
    }

    run([block for block in blocks(page) if block.mark != "form"], tmp_path, settings)

    assert len(mail_catcher.mails) == 1

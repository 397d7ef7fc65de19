"""Every dependency looked at, each with a next step where something is wrong."""

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from domain.errors import DomainError, TemporaryFailure
from entrypoints.container import Application
from entrypoints.masking import mask_url
from entrypoints.secret_key import key_file

_MIB = 1024 * 1024
_DISK_FAIL_MIB, _DISK_WARN_MIB = 100, 1024
_CLOCK_WARN_S, _CLOCK_FAIL_S = 2.0, 30.0


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    verdict: Verdict
    detail: str
    next_step: str = ""


def examine(app: Application) -> Iterator[Finding]:
    """All checks, cheapest first; a check that breaks is a finding and stops none of the others."""
    checks: tuple[tuple[str, Callable[[Application], Iterator[Finding]]], ...] = (
        ("data folder", _data_folder),
        ("disk", _disk),
        ("secret key", _secret_key),
        ("database", _database),
        ("clock", _clock),
        ("broker", _broker),
        ("mail", _mail),
        ("fonts", _fonts),
    )
    for name, check in checks:
        try:
            yield from check(app)
        except TemporaryFailure as failure:
            yield Finding(name, Verdict.FAIL, failure.text, _away(name, app))
        except DomainError as refusal:
            yield Finding(name, Verdict.FAIL, refusal.text, refusal.next_step)
        except OSError as error:
            next_step = _FOLDER.get(error.errno or 0, "Look at the folder's owner and rights.")
            yield Finding(name, Verdict.FAIL, f"{error.strerror or error}", next_step)


_AWAY = {
    "database": "Start it, or correct BILLHOOK_DATABASE_URL.",
    "clock": "Start the database first.",
    "broker": "Start it, or correct BILLHOOK_BROKER_URL. Nothing is lost meanwhile.",
    "mail": "Start the mail server, or correct BILLHOOK_SMTP_URL. Mails wait meanwhile.",
}
_ROOM = "Make room on the disk of the data folder. Nothing is lost meanwhile."
_WRITABLE = "Mount the disk of the data folder so that it can be written, and look at its health. Nothing is lost meanwhile."
_FOLDER = {errno.ENOSPC: _ROOM, errno.EDQUOT: _ROOM, errno.EROFS: _WRITABLE, errno.EIO: _WRITABLE}


def _away(name: str, app: Application) -> str:
    if name == "database" and app.settings.is_embedded:
        return "It is a file in the data folder: look whether that disk is full or read-only, and at the file's owner and rights."
    return _AWAY.get(name, "Try again later.")


def _data_folder(app: Application) -> Iterator[Finding]:
    folder = app.settings.data_dir
    with tempfile.TemporaryFile(dir=folder) as stream:
        stream.write(b"ok")
    yield Finding("data folder", Verdict.OK, f"{folder.absolute()} can be written")


def _disk(app: Application) -> Iterator[Finding]:
    free_mib = shutil.disk_usage(app.settings.data_dir).free // _MIB
    verdict = Verdict.FAIL if free_mib < _DISK_FAIL_MIB else Verdict.WARN if free_mib < _DISK_WARN_MIB else Verdict.OK
    yield Finding("disk", verdict, f"{free_mib} MiB free", "" if verdict is Verdict.OK else "Make room on the disk of the data folder.")


def _secret_key(app: Application) -> Iterator[Finding]:
    app.container.secret_box()
    if app.settings.secret_key is not None:
        yield Finding("secret key", Verdict.OK, "from BILLHOOK_SECRET_KEY")
    else:
        yield Finding("secret key", Verdict.OK, f"from {key_file(app.settings)}; back it up, without it stored secrets are lost")


def _database(app: Application) -> Iterator[Finding]:
    shown = mask_url(app.settings.effective_database_url)
    current, expected = app.schema_revisions()
    yield Finding("database", Verdict.OK, f"{shown} answers")
    if current == expected:
        yield Finding("schema", Verdict.OK, f"revision {current}")
    else:
        yield Finding("schema", Verdict.FAIL, f"revision {current or 'none'}, expected {expected}", "Run: billhook migrate")


def _clock(app: Application) -> Iterator[Finding]:
    if app.settings.is_embedded:
        yield Finding("clock", Verdict.OK, "the database runs on this machine's clock")
        return
    before = datetime.now(UTC)
    theirs = app.database_clock()
    middle = before + (datetime.now(UTC) - before) / 2
    off_s = abs((theirs - middle).total_seconds())
    verdict = Verdict.FAIL if off_s > _CLOCK_FAIL_S else Verdict.WARN if off_s > _CLOCK_WARN_S else Verdict.OK
    next_step = "" if verdict is Verdict.OK else "Let both machines follow a time server: leases and schedules compare their clocks."
    yield Finding("clock", verdict, f"{off_s:.1f} s from the database's", next_step)


def _broker(app: Application) -> Iterator[Finding]:
    if not app.settings.broker_url:
        yield Finding("broker", Verdict.OK, "none: everything runs in one process")
        return
    yield from (
        Finding(f"broker: {check.name}", Verdict.OK if check.ok else Verdict.FAIL, check.detail, check.next_step)
        for check in app.broker_checks()
    )


def _mail(app: Application) -> Iterator[Finding]:
    with app.container.mailer().open() as session:
        facts = session.check()
    detail = "; ".join(facts) or "ready"
    if app.settings.smtp_url is not None and urlsplit(app.settings.smtp_url.get_secret_value()).username and not _are_secured(facts):
        next_step = "Use smtps:// or starttls=required in BILLHOOK_SMTP_URL: anybody on the way can read the password."
        yield Finding("mail", Verdict.WARN, detail, next_step)
    else:
        yield Finding("mail", Verdict.OK, detail)


def _are_secured(facts: Sequence[str]) -> bool:
    return any(fact.startswith("secured") for fact in facts)


def _fonts(app: Application) -> Iterator[Finding]:
    count = app.font_count()
    yield Finding("fonts", Verdict.OK if count else Verdict.FAIL, f"{count} families", "" if count else "Install the requirements again.")

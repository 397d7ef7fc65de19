"""Every dependency looked at, each with a next step where something is wrong."""

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from application.key_pairs import shown_secret
from application.number_guarding import behind_sentence, behind_step
from application.ports.connections import ConnectionState
from application.queries.list_lanes import LaneStanding
from domain.errors import DomainError, TemporaryFailure
from entrypoints.container import Application
from entrypoints.masking import mask_url
from entrypoints.secret_key import key_file

_MIB = 1024 * 1024
_DISK_FAIL_MIB, _DISK_WARN_MIB = 100, 1024
_CLOCK_WARN_S, _CLOCK_FAIL_S = 2.0, 30.0
_INCIDENTS_MAX = 100
_OPEN_WARN = timedelta(days=1)


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
        ("integrations", _integrations),
        ("secrets", _secrets),
        ("host keys", _host_keys),
        ("connections", _connections),
        ("lanes", _lanes),
        ("incidents", _incidents),
        ("numbers", _numbers),
    )
    for name, check in checks:
        try:
            yield from check(app)
        except TemporaryFailure as failure:
            if name in _STORED:
                # The database is away, and that is a finding already.
                continue
            yield Finding(name, Verdict.FAIL, failure.text, _away(name, app))
        except DomainError as refusal:
            yield Finding(name, Verdict.FAIL, refusal.text, refusal.next_step)
        except OSError as error:
            next_step = _FOLDER.get(error.errno or 0, "Look at the folder's owner and rights.")
            yield Finding(name, Verdict.FAIL, f"{error.strerror or error}", next_step)


_STORED = frozenset({"integrations", "secrets", "host keys", "connections", "lanes", "incidents", "numbers"})
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


def _integrations(app: Application) -> Iterator[Finding]:
    """What can be read on the way: it is allowed, and somebody should know. Nothing is asked of a destination."""
    current, expected = app.schema_revisions()
    if current != expected:
        return
    known = app.catalogue.export_configuration().configuration.integrations
    enabled = [integration for integration in known.values() if integration.enabled]
    warnings = [Finding(f"integration {each.path}", Verdict.WARN, *warning) for each in enabled for warning in _readable(each.settings)]
    yield from warnings or [Finding("integrations", Verdict.OK, f"{len(enabled)} enabled; `billhook integrations check` asks each")]


def _secrets(app: Application) -> Iterator[Finding]:
    """Whether the key in force opens what is stored, integration by integration."""
    current, expected = app.schema_revisions()
    if current != expected:
        return
    exported = app.catalogue.export_configuration()
    for path, names in exported.unreadable.items():
        detail = (
            f"{', '.join(map(shown_secret, names))} cannot be read: sealed with another BILLHOOK_SECRET_KEY, or changed in the database"
        )
        yield Finding(f"secrets {path}", Verdict.FAIL, detail, "Bring the old key back, or apply the configuration again with the secrets.")
    if not exported.unreadable:
        yield Finding("secrets", Verdict.OK, "all that are stored can be read")


def _host_keys(app: Application) -> Iterator[Finding]:
    """What was seen when servers were last connected to; none is asked here."""
    current, expected = app.schema_revisions()
    if current != expected:
        return
    known = app.catalogue.export_configuration().configuration.integrations
    pinned = [path for path, each in known.items() if each.enabled and each.settings.get("fs_type") == "sftp"]
    if not pinned:
        yield Finding("host keys", Verdict.OK, "no integration needs one")
        return
    seen = [each for each in app.catalogue.list_incidents(0, _INCIDENTS_MAX, open_only=True) if each.cause.startswith("host_key")]
    for incident in seen:
        yield Finding(f"host key {incident.subject}", Verdict.FAIL, incident.text, incident.next_step)
    if not seen:
        yield Finding("host keys", Verdict.OK, f"{len(pinned)} pinned; no server showed another one")


def _connections(app: Application) -> Iterator[Finding]:
    """What is known of each consent here; no vendor is asked."""
    current, expected = app.schema_revisions()
    if current != expected:
        return
    for row in app.catalogue.list_connections():
        if not row.integration.enabled:
            continue
        name = f"connection {row.integration.path}"
        if row.state is ConnectionState.OK:
            until = (
                f"access until {row.access_expires_at:%Y-%m-%d %H:%M} UTC, refreshed by itself" if row.access_expires_at else "no tokens"
            )
            yield Finding(name, Verdict.OK, f"{row.organisation_name} ({row.organisation_id}), {until}")
        else:
            yield Finding(name, Verdict.FAIL, row.reason or "not connected yet; its deliveries wait", f"Run: {row.next_step}")


def _numbers(app: Application) -> Iterator[Finding]:
    """What is known of the vendors' books here: `billhook reconcile` asks them."""
    current, expected = app.schema_revisions()
    if current != expected:
        return
    behind = [standing for standing in app.catalogue.list_number_series() if standing.is_behind]
    for standing in behind:
        yield Finding(f"numbers {standing.admin_company}", Verdict.FAIL, behind_sentence(standing), behind_step(standing))
    if not behind:
        yield Finding("numbers", Verdict.OK, "no series is behind a vendor's books, as far as they were read")


def _lanes(app: Application) -> Iterator[Finding]:
    """How deliveries flow. Something that is open for long waits for a person, or for a partner who is away."""
    current, expected = app.schema_revisions()
    if current != expected:
        return
    found = app.catalogue.summarise_lanes()
    detail = (
        f"{found.lanes} ({found.working} working, {found.resting} resting, {found.paused} paused), {found.open_deliveries} deliveries open"
    )
    if found.oldest_at is None:
        yield Finding("lanes", Verdict.OK, detail)
        return
    detail += f", the oldest since {found.oldest_at:%Y-%m-%d %H:%M} UTC, to {found.oldest_lane}"
    is_old = datetime.now(UTC) - found.oldest_at > _OPEN_WARN
    next_step = "Look what holds it back: billhook lanes list" if is_old else ""
    yield Finding("lanes", Verdict.WARN if is_old else Verdict.OK, detail, next_step)
    yield from map(_lane, found.waiting)


def _lane(standing: LaneStanding) -> Finding:
    """A row of the table of lanes: those with open deliveries, which have waited longest."""
    lane = standing.lane
    is_old = lane.oldest is not None and datetime.now(UTC) - lane.oldest > _OPEN_WARN
    told = (
        f"{standing.state}, {lane.depth} open",
        f"the oldest since {lane.oldest:%Y-%m-%d %H:%M} UTC" if lane.oldest else "",
        f"next try {standing.next_at:%Y-%m-%d %H:%M} UTC" if standing.next_at else "no next try",
        "" if standing.calls_left is None else f"{standing.calls_left} calls left today",
    )
    detail = ": ".join(filter(None, (", ".join(filter(None, told)), standing.reason)))
    next_step = f"billhook lanes list --company {lane.company}" if is_old else ""
    return Finding(f"lane {lane.integration}", Verdict.WARN if is_old else Verdict.OK, detail, next_step)


def _incidents(app: Application) -> Iterator[Finding]:
    """What lasts and needs a person."""
    current, expected = app.schema_revisions()
    if current != expected:
        return
    found = app.catalogue.list_incidents(0, _INCIDENTS_MAX, open_only=True)
    if not found:
        yield Finding("incidents", Verdict.OK, "none is open")
        return
    count = f"{len(found)} or more" if len(found) == _INCIDENTS_MAX else str(len(found))
    yield Finding("incidents", Verdict.WARN, f"{count} open, the oldest: {found[0].text}", "Look at them: billhook incidents list --open")


def _readable(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if settings.get("allow_plain_ftp"):
        yield (
            "allow_plain_ftp is on: anybody on the way can read the password and the files",
            "Ask the partner for FTP with TLS, or for SFTP, and set allow_plain_ftp to false.",
        )
    for key in ("url", "look_up_url", "wsdl", "address"):
        if str(settings.get(key, "")).lower().startswith("http://"):
            yield (
                f"{key} is http: anybody on the way can read the log-in and the documents",
                f"Ask the partner for https, and correct {key}.",
            )

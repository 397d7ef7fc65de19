"""The doctor's findings where something is about to go wrong."""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from pydantic import SecretStr

from application.configuration import Configuration
from application.ports.deliveries import Lane
from application.queries.export_configuration import ExportedConfiguration
from application.queries.list_lanes import LaneStanding
from application.queries.summarise_lanes import LanesSummary
from domain.companies.integration import Integration
from domain.delivery.incident import Incident
from domain.errors import TemporaryFailure
from entrypoints.container import Application
from entrypoints.doctor import Finding, Verdict, examine


@dataclass
class Settings:
    """Those that are looked at here; ``data_dir`` fails with ``disk_error`` where one is given."""

    folder: Path
    smtp_url: SecretStr | None
    disk_error: int = 0
    is_embedded: bool = True
    effective_database_url: str = "sqlite:///billhook.db"
    broker_url: str = ""

    @property
    def data_dir(self) -> Path:
        if self.disk_error:
            raise OSError(self.disk_error, os.strerror(self.disk_error))
        return self.folder


@dataclass
class House:
    """An application whose mail server says ``facts``, and whose database is away."""

    settings: Settings
    facts: Sequence[str] = ()

    @property
    def container(self) -> "House":
        return self

    def mailer(self) -> "House":
        return self

    @contextmanager
    def open(self) -> Iterator["House"]:
        yield self

    def check(self) -> Sequence[str]:
        return self.facts

    def schema_revisions(self) -> tuple[str, str]:
        raise TemporaryFailure("database or disk is full")

    def secret_box(self) -> None:
        raise TemporaryFailure("not looked at here")

    def font_count(self) -> int:
        return 1


def finding(house: House, name: str) -> Finding:
    return next(found for found in examine(cast("Application", house)) if found.name == name)


@pytest.mark.parametrize(
    ("url", "facts", "verdict"),
    [
        ("smtp://billing:secret@mail.example?starttls=never", ("mail.example:25 answers", "not secured: in clear text"), Verdict.WARN),
        ("smtp://billing:secret@mail.example", ("mail.example:25 answers", "secured with TLSv1.3"), Verdict.OK),
        ("smtp://mail.example", ("mail.example:25 answers", "not secured: in clear text"), Verdict.OK),
    ],
)
def test_a_password_in_clear_is_a_warning(url: str, facts: tuple[str, ...], verdict: Verdict, tmp_path: Path) -> None:
    """Without a log-in, or with a secured one, there is nothing to read on the way."""
    found = finding(House(Settings(tmp_path, SecretStr(url)), facts), "mail")

    assert found.verdict is verdict
    assert ("starttls=required" in found.next_step) is (verdict is Verdict.WARN)


@pytest.mark.parametrize(("error", "next_step"), [(errno.ENOSPC, "Make room"), (errno.EROFS, "Mount the disk"), (errno.EACCES, "owner")])
def test_a_folder_that_cannot_be_written_has_a_next_step_that_helps(error: int, next_step: str, tmp_path: Path) -> None:
    """A full disk is not helped by other rights."""
    found = finding(House(Settings(tmp_path, None, disk_error=error)), "data folder")

    assert found.verdict is Verdict.FAIL
    assert next_step in found.next_step


def test_an_embedded_database_that_fails_is_not_to_be_started(tmp_path: Path) -> None:
    """It is a file, so its disk is to be looked at."""
    found = finding(House(Settings(tmp_path, None)), "database")

    assert (found.verdict, found.detail) == (Verdict.FAIL, "database or disk is full")
    assert "full or read-only" in found.next_step


@dataclass
class Declared(House):
    """An application with one integration, and a database that is up to date."""

    integration: Integration = field(default_factory=lambda: Integration("777", "pdf_emailer"))

    @property
    def catalogue(self) -> "Declared":
        return self

    unreadable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def export_configuration(self) -> ExportedConfiguration:
        return ExportedConfiguration(Configuration(integrations={self.integration.path: self.integration}), {}, self.unreadable)

    def schema_revisions(self) -> tuple[str, str]:
        return "1", "1"


@pytest.mark.parametrize(
    ("kind", "settings", "shown"),
    [
        ("generic_filesystem", {"fs_type": "ftp", "allow_plain_ftp": True}, "allow_plain_ftp is on"),
        ("net_digitizing", {"url": "http://partner.example/orders"}, "url is http"),
        ("net_digitizing", {"url": "https://partner.example", "look_up_url": "HTTP://partner.example/{ref}"}, "look_up_url is http"),
        ("promotional_office", {"wsdl": "http://partner.example/?wsdl"}, "wsdl is http"),
    ],
)
def test_what_can_be_read_on_the_way_is_a_warning(kind: str, settings: dict[str, object], shown: str, tmp_path: Path) -> None:
    """It is allowed, so it is no failure; switched off, nothing goes that way."""
    integration = Integration("777", kind, settings=settings)
    house = Declared(Settings(tmp_path, None), integration=integration)

    found = finding(house, f"integration 777/{kind}")

    assert (found.verdict, shown in found.detail, bool(found.next_step)) == (Verdict.WARN, True, True)
    switched_off = Declared(Settings(tmp_path, None), integration=replace(integration, enabled=False))
    assert finding(switched_off, "integrations").verdict is Verdict.OK


@dataclass
class WithLanes(Declared):
    """Its oldest open delivery is that old."""

    age: timedelta | None = None

    def list_connections(self) -> Sequence[object]:
        return []

    def summarise_lanes(self) -> LanesSummary:
        if self.age is None:
            return LanesSummary(3, 1, 1, 0, 0)
        oldest_at, next_at = datetime.now(UTC) - self.age, datetime(2026, 11, 22, 6, tzinfo=UTC)
        lane = Lane("777/xero", "777", "xero", True, 7, oldest_at, next_at, "", next_at, 5, "xero answered 503")
        return LanesSummary(3, 1, 1, 0, 7, "777/xero", oldest_at, (LaneStanding(lane, None, 4980),))


@pytest.mark.parametrize(
    ("age", "verdict", "detail"),
    [
        (None, Verdict.OK, "0 deliveries open"),
        (timedelta(hours=23), Verdict.OK, "7 deliveries open, the oldest since"),
        (timedelta(hours=25), Verdict.WARN, "to 777/xero"),
    ],
)
def test_a_delivery_that_is_open_for_a_day_is_a_warning(age: timedelta | None, verdict: Verdict, detail: str, tmp_path: Path) -> None:
    """Somebody should look what holds it back; the next step says where."""
    found = finding(WithLanes(Settings(tmp_path, None), age=age), "lanes")

    assert (found.verdict, detail in found.detail, "1 working, 1 resting" in found.detail) == (verdict, True, True)
    assert ("billhook lanes list" in found.next_step) is (verdict is Verdict.WARN)


def test_the_lanes_that_wait_are_a_table(tmp_path: Path) -> None:
    """Depth, oldest, next try, calls left of the day, and the reason; a lane that waits for long is a warning."""
    young, old = (finding(WithLanes(Settings(tmp_path, None), age=timedelta(hours=age)), "lane 777/xero") for age in (23, 25))

    assert young.detail.startswith("resting, 7 open, the oldest since ")
    assert young.detail.endswith("next try 2026-11-22 06:00 UTC, 4980 calls left today: xero answered 503")
    assert (young.verdict, young.next_step) == (Verdict.OK, "")
    assert (old.verdict, old.next_step) == (Verdict.WARN, "billhook lanes list --company 777")


def test_a_secret_that_the_key_does_not_open_is_a_failure(tmp_path: Path) -> None:
    """Its integration and its name are told, and both ways out."""
    found = finding(Declared(Settings(tmp_path, None), unreadable={"777/xero": ("client_secret",)}), "secrets 777/xero")

    assert (found.verdict, "client_secret" in found.detail) == (Verdict.FAIL, True)
    assert "apply" in found.next_step
    assert finding(Declared(Settings(tmp_path, None)), "secrets").verdict is Verdict.OK


@dataclass
class WithIncidents(WithLanes):
    """So many incidents are open."""

    count: int = 0
    cause: str = "login_refused"

    def list_incidents(self, after: int, limit: int, *, open_only: bool) -> Sequence[Incident]:
        assert (after, open_only) == (0, True)
        now = datetime.now(UTC)
        return [Incident(n, self.cause, "777/xero", "777", "", "", "It said no", "Look", 1, now, now) for n in range(self.count)][:limit]


@pytest.mark.parametrize(("count", "verdict"), [(0, Verdict.OK), (2, Verdict.WARN)])
def test_an_open_incident_is_a_warning(count: int, verdict: Verdict, tmp_path: Path) -> None:
    """With how many there are and the command that lists them."""
    found = finding(WithIncidents(Settings(tmp_path, None), count=count), "incidents")

    assert found.verdict is verdict
    assert found.detail.startswith("2 open, the oldest: It said no" if count else "none")
    assert ("billhook incidents list --open" in found.next_step) is bool(count)


@pytest.mark.parametrize(
    ("count", "cause", "name", "verdict"),
    [
        (1, "host_key_changed", "host key 777/xero", Verdict.FAIL),
        (1, "login_refused", "host keys", Verdict.OK),
        (0, "", "host keys", Verdict.OK),
    ],
)
def test_a_host_key_that_changed_is_a_failure(count: int, cause: str, name: str, verdict: Verdict, tmp_path: Path) -> None:
    """With what to compare; other incidents are no matter of keys."""
    integration = Integration("777", "generic_filesystem", settings={"fs_type": "sftp"})
    house = WithIncidents(Settings(tmp_path, None), integration=integration, count=count, cause=cause)

    found = finding(house, name)

    assert (found.verdict, bool(found.next_step)) == (verdict, verdict is Verdict.FAIL)


def test_what_is_secured_is_in_order(tmp_path: Path) -> None:
    """One line for all."""
    integration = Integration("777", "mww", settings={"url": "https://partner.example", "allow_plain_ftp": False})

    assert finding(Declared(Settings(tmp_path, None), integration=integration), "integrations").verdict is Verdict.OK


def test_a_database_that_is_away_is_said_once(tmp_path: Path) -> None:
    """Integrations are in it, and add nothing to that."""
    names = [found.name for found in examine(cast("Application", House(Settings(tmp_path, None))))]

    assert "database" in names
    assert "integrations" not in names

"""The doctor's findings where something is about to go wrong."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from pydantic import SecretStr

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

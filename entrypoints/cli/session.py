"""The wired application of one command. It is put together on demand: `--help` must not wait for a database library."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from domain.errors import DomainError

if TYPE_CHECKING:
    from entrypoints.container import Application
    from entrypoints.settings import Settings


@contextmanager
def application(role: str = "", *, schema_is_old: bool = False, embedded: bool = False, creates: bool = False) -> Iterator["Application"]:
    """The application under this process's settings, closed at the end.

    Without a role it is a person's command: unless asked for, the log then tells only what went wrong. Raises
    DomainError("wrong_schema") where `billhook migrate` is due, unless the command can do with that (``schema_is_old``).
    ``embedded`` is for the demo: it takes the embedded default whatever database, broker and mail server are set, and logs
    errors only, because bad messages are a part of it.

    Only a command that ``creates`` begins an installation: any other raises DomainError("no_installation") where the file of
    the embedded database is not there, and leaves no folder, no database and no key behind.
    """
    from entrypoints.container import build  # noqa: PLC0415 - see the module's docstring
    from entrypoints.settings import LogLevel, Origin  # noqa: PLC0415

    settings = read_settings()
    if not role and settings.origin("log_level") is Origin.DEFAULT:
        settings = settings.model_copy(update={"log_level": LogLevel.ERROR if embedded else LogLevel.WARNING})
    if embedded:
        settings = settings.model_copy(update={"database_url": "", "broker_url": "", "smtp_url": None})
    missing = missing_database(settings)
    if missing and not creates:
        raise DomainError("no_installation", f"There is no database {missing}.", _BEGIN)
    if creates or role or schema_is_old:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = build(settings, role)
    try:
        if not schema_is_old:
            app.require_schema()
        yield app
    finally:
        app.close()


_BEGIN = (
    "`billhook migrate` starts an installation there, `billhook demo` one with sample data. "
    "If yours is in another folder, set BILLHOOK_DATA_DIR."
)


def missing_database(settings: "Settings") -> Path | None:
    """The file of the embedded database, where it is not there."""
    if not settings.is_embedded:
        return None
    name = settings.effective_database_url.partition(":///")[2].partition("?")[0]
    file = Path(name)
    return None if name in {"", ":memory:"} or file.exists() else file.absolute()


@contextmanager
def rehearsed_application() -> Iterator["Application"]:
    """As ``application`` for a dry run of a command that creates: where nothing is there yet, in a folder that is thrown away."""
    if missing_database(read_settings()) is None:
        with application(schema_is_old=True) as app:
            yield app
        return
    from entrypoints.container import build  # noqa: PLC0415 - see the module's docstring

    with TemporaryDirectory() as folder:
        app = build(read_settings().model_copy(update={"data_dir": Path(folder), "database_url": ""}))
        try:
            yield app
        finally:
            app.close()


def read_settings() -> "Settings":
    """The settings of this process. Raises SettingsRefused."""
    from entrypoints.settings import load_settings  # noqa: PLC0415 - see the module's docstring

    return load_settings()


def actor() -> str:
    """Who runs the command, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"

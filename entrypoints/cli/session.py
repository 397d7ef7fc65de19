"""The wired application of one command. It is put together on demand: `--help` must not wait for a database library."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrypoints.container import Application
    from entrypoints.settings import Settings


@contextmanager
def application(role: str = "", *, schema_is_old: bool = False, embedded: bool = False) -> Iterator["Application"]:
    """The application under this process's settings, closed at the end.

    Without a role it is a person's command: unless asked for, the log then tells only what went wrong. Raises
    DomainError("wrong_schema") where `billhook migrate` is due, unless the command can do with that (``schema_is_old``).
    ``embedded`` is for the demo: it takes the embedded default whatever database, broker and mail server are set, and logs
    errors only, because bad messages are a part of it.
    """
    from entrypoints.container import build  # noqa: PLC0415 - see the module's docstring
    from entrypoints.settings import LogLevel, Origin  # noqa: PLC0415

    settings = read_settings()
    if not role and settings.origin("log_level") is Origin.DEFAULT:
        settings = settings.model_copy(update={"log_level": LogLevel.ERROR if embedded else LogLevel.WARNING})
    if embedded:
        settings = settings.model_copy(update={"database_url": "", "broker_url": "", "smtp_url": None})
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = build(settings, role)
    try:
        if not schema_is_old:
            app.require_schema()
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

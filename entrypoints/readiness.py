"""Whether a role can do its work now, and whether all around it is in order."""

from collections.abc import Iterator

from application.ports.destination import CheckResult
from entrypoints.container import Application
from entrypoints.doctor import Verdict, examine


def is_ready(app: Application) -> Iterator[CheckResult]:
    """The database with its schema, and the broker. Raises TemporaryFailure where one of them is away."""
    current, expected = app.schema_revisions()
    is_current = current == expected
    detail = f"schema revision {current or 'none'}, expected {expected}"
    yield CheckResult("database", ok=is_current, detail=detail, next_step="" if is_current else "Run: billhook migrate")
    if app.settings.broker_url:
        yield from app.broker_checks()


def is_complete(app: Application) -> Iterator[CheckResult]:
    """What `billhook doctor` finds; a warning is no failure."""
    for finding in examine(app):
        yield CheckResult(finding.name, finding.verdict is not Verdict.FAIL, finding.detail, finding.next_step)

"""The servers that any test may ask for. They start when the first test asks, one set for each test worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import postgres as postgres_service
from tests.services import rabbitmq as rabbitmq_service
from tests.services.mail_catcher import MailCatcher
from tests.services.postgres import GivenPostgres, PostgresServer
from tests.services.rabbitmq import GivenRabbit, RabbitServer
from tests.services.specs import NOT_CHECKED, specs_folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it where the vendors' contracts could not be looked at: a green run must not hide that."""
    if specs_folder() is None:
        terminalreporter.write_line(NOT_CHECKED, yellow=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server."""
    with postgres_service.start() as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitServer]:
    """A RabbitMQ broker."""
    with rabbitmq_service.start() as server:
        yield server


@pytest.fixture(scope="session")
def killable_postgres(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """The same server, for a test that stops or kills it and leaves it running; one of our own where the environment names one."""
    if not isinstance(postgres, GivenPostgres):
        yield postgres
        return
    with postgres_service.start(own=True) as server:
        yield server


@pytest.fixture(scope="session")
def killable_rabbitmq(rabbitmq: RabbitServer) -> Iterator[RabbitServer]:
    """As above."""
    if not isinstance(rabbitmq, GivenRabbit):
        yield rabbitmq
        return
    with rabbitmq_service.start(own=True) as server:
        yield server


@pytest.fixture
def mail_catcher() -> Iterator[MailCatcher]:
    """A mail server that keeps what it is sent. It starts in no time, so each test has its own."""
    with MailCatcher() as catcher:
        yield catcher


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'billhook.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def broker_url(rabbitmq: RabbitServer) -> Iterator[str]:
    """A virtual host without queues."""
    url = rabbitmq.create_vhost()
    yield url
    rabbitmq.delete_vhost(url)

"""Every test here runs on SQLite and on PostgreSQL, each time in a fresh database with the schema in it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import Engine

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from tests.contracts.persistence.stock import SECRET_KEY
from tests.services import postgres
from tests.services.postgres import PostgresServer


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for these tests."""
    with postgres.start() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'billhook.db'}"
    return request.getfixturevalue("server").create_database()


@pytest.fixture
def postgresql_url(server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database with the schema in it."""
    url = server.create_database(server.template("persistence", _migrate))
    yield url
    server.drop_database(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema in it: copied faster than it is migrated."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An SQLite database with the schema in it."""
    return f"sqlite:///{copyfile(sqlite_template, tmp_path / 'billhook.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with the schema in it."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connections to that database."""
    engine = make_engine(database_url, lock_timeout_s=5)
    yield engine
    engine.dispose()


@pytest.fixture
def units_of_work(engine: Engine) -> SqlUnitsOfWork:
    """The subject: units of work on that database."""
    return SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))


def _migrate(url: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()

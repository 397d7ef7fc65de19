"""Every test here runs on SQLite and on PostgreSQL, each time in a fresh database with the schema in it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import copyfile

import psycopg
import pytest
from sqlalchemy import Engine, UniqueConstraint

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import expected_revision, migrate
from adapters.persistence.tables import metadata
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from tests import factories
from tests.contracts.persistence.stock import SECRET_KEY, configure
from tests.services import postgres
from tests.services.postgres import PostgresServer

# Of the tables, of their primary keys and unique constraints, and of Alembic's own table.
_INDEX_COUNT = 1 + sum(
    1 + len(table.indexes) + sum(isinstance(constraint, UniqueConstraint) for constraint in table.constraints)
    for table in metadata.tables.values()
)


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


@pytest.fixture(scope="session")
def used_databases() -> list[str]:
    """PostgreSQL databases that are empty again: emptying one is ten times as fast as making one."""
    return []


@pytest.fixture
def postgresql_url(server: PostgresServer, used_databases: list[str]) -> Iterator[str]:
    """A PostgreSQL database with the schema in it, and nothing else."""
    url = used_databases.pop() if used_databases else server.create_database(server.template("persistence", _migrate))
    yield url
    if _empty(url):
        used_databases.append(url)
    else:
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


@pytest.fixture
def lanes(units_of_work: SqlUnitsOfWork) -> SqlUnitsOfWork:
    """A store with two integrations of company 501."""
    configure(units_of_work, factories.an_integration(), factories.an_integration(kind="xero"))
    return units_of_work


def _empty(url: str) -> bool:
    """Make the database as new. False where a test changed the schema, or left a lock behind: then it is of no more use."""
    tables = ", ".join(metadata.tables)
    with suppress(psycopg.Error), psycopg.connect(url) as connection:
        # This role skips the triggers that guard the tables; it takes a superuser.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET lock_timeout = '2s'")
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())
        connection.execute("INSERT INTO configuration (id, revision) VALUES (1, 0)")
        indexes = connection.execute("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'").fetchone()
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return (indexes, revision) == ((_INDEX_COUNT,), (expected_revision(),))
    return False


def _migrate(url: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()

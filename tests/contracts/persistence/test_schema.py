from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from adapters.persistence import schema
from adapters.persistence.audit_log import SqlAuditLog
from adapters.persistence.engine import make_engine
from adapters.persistence.schema import current_revision, expected_revision, migrate, require_expected_revision
from adapters.persistence.tables import metadata
from application.ports.audit_log import AuditEntry
from domain.errors import DomainError, TemporaryFailure
from tests.contracts.persistence.stock import NOW


def test_migrating_brings_an_empty_database_up_to_date(empty_database_url: str) -> None:
    """Doing it again changes nothing."""
    engine = make_engine(empty_database_url)

    def never(_before: str, _after: str) -> AuditEntry:
        raise AssertionError

    before = current_revision(engine)
    first, second = migrate(engine, never), migrate(engine, never)

    assert (before, first, second, current_revision(engine)) == (None, expected_revision(), first, first)
    require_expected_revision(engine)
    engine.dispose()


def test_an_upgrade_is_written_down_and_a_beginning_is_not(empty_database_url: str) -> None:
    """In the same transaction, from which revision to which."""
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")

    def note(before: str, after: str) -> AuditEntry:
        return AuditEntry(NOW, "ann", "schema_upgraded", "schema", detail=f"{before} {after}")

    migrate(engine, note)
    migrate(engine, note)

    with engine.connect() as connection:
        entries = SqlAuditLog(connection).about("schema")
    assert entries == [AuditEntry(NOW, "ann", "schema_upgraded", "schema", detail=f"0009 {expected_revision()}")]
    engine.dispose()


def test_the_migrations_make_the_tables_the_program_reads(engine: Engine) -> None:
    """No difference in tables, columns, types, indexes or constraints."""
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    assert [difference for difference in differences if not _is_same_type_on_sqlite(difference, engine)] == []


def _is_same_type_on_sqlite(difference: object, engine: Engine) -> bool:
    # SQLite tells INTEGER and BIGINT, TEXT and VARCHAR apart in name only.
    return engine.dialect.name == "sqlite" and "modify_type" in repr(difference)


def test_several_migrations_at_once_take_turns(empty_database_url: str) -> None:
    """Every pod may start with it."""
    engines = [make_engine(empty_database_url) for _ in range(4)]
    done: list[str] = []
    threads = [Thread(target=lambda engine=engine: done.append(migrate(engine))) for engine in engines]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert done == [expected_revision()] * 4
    assert "documents" in inspect(engines[0]).get_table_names()
    for engine in engines:
        engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    """It is one transaction: the same command works once the obstacle is gone."""
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE runs (id integer)"))

    with pytest.raises(Exception, match="runs"):
        migrate(engine)
    with engine.begin() as connection:
        left = inspect(connection).get_table_names()
        connection.execute(text("DROP TABLE runs"))

    assert set(left) <= {"runs", "alembic_version"}
    assert migrate(engine) == expected_revision()
    engine.dispose()


def test_an_empty_database_is_refused(empty_database_url: str) -> None:
    """A worker does not guess: the next step is named."""
    engine = make_engine(empty_database_url)

    with pytest.raises(DomainError) as refusal:
        require_expected_revision(engine)

    assert (refusal.value.code, refusal.value.next_step) == ("wrong_schema", "billhook migrate")
    engine.dispose()


def test_a_newer_schema_is_refused(engine: Engine) -> None:
    """An old worker must not write into tables it does not know."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DomainError, match="newer") as refusal:
        require_expected_revision(engine)

    assert refusal.value.code == "wrong_schema"


def test_a_database_that_is_down_is_a_temporary_failure() -> None:
    """Both when asking and when migrating."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing", connect_timeout_s=2)

    with pytest.raises(TemporaryFailure):
        current_revision(engine)
    with pytest.raises(TemporaryFailure):
        migrate(engine)

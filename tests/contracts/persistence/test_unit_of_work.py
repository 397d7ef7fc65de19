import pytest
from sqlalchemy import Engine, text

from adapters.persistence.engine import make_engine
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.ports.audit_log import AuditEntry
from domain.errors import TemporaryFailure
from tests.contracts.persistence.stock import NOW, SECRET_KEY, a_version, keep_orders
from tests.services.postgres import PostgresServer

ENTRY = AuditEntry(NOW, "ann", "paused", "lane 501/xero")


def test_what_was_committed_lasts(units_of_work: SqlUnitsOfWork) -> None:
    """After commit another unit of work sees it."""
    with units_of_work() as uow:
        uow.audit.add(ENTRY)
        uow.commit()

    with units_of_work() as uow:
        assert list(uow.audit.about(ENTRY.subject)) == [ENTRY]


def test_without_commit_everything_is_rolled_back(units_of_work: SqlUnitsOfWork) -> None:
    """Leaving the block is not enough to make it last."""
    with units_of_work() as uow:
        uow.audit.add(ENTRY)

    with units_of_work() as uow:
        assert not uow.audit.about(ENTRY.subject)


def test_an_error_rolls_everything_back_and_passes_through(units_of_work: SqlUnitsOfWork) -> None:
    """An error of the caller's own stays what it is."""
    with pytest.raises(KeyError):
        _fail_after_writing(units_of_work)

    with units_of_work() as uow:
        assert not uow.audit.about(ENTRY.subject)


def _fail_after_writing(units_of_work: SqlUnitsOfWork) -> None:
    with units_of_work() as uow:
        uow.audit.add(ENTRY)
        raise KeyError


def test_after_commit_nothing_more_can_be_written(units_of_work: SqlUnitsOfWork) -> None:
    """A write after the commit fails loudly instead of being rolled back in silence."""
    with units_of_work() as uow:
        uow.commit()
        with pytest.raises(Exception, match="closed"):
            uow.audit.add(ENTRY)


def test_a_commit_after_the_end_is_a_mistake(units_of_work: SqlUnitsOfWork) -> None:
    """A unit of work that was left cannot commit."""
    with units_of_work() as uow:
        pass

    with pytest.raises(RuntimeError, match="ended"):
        uow.commit()


def test_connections_go_back_to_the_pool(database_url: str) -> None:
    """A pool of one connection serves any number of units of work, however they end."""
    engine = make_engine(database_url, pool_size=1)
    units_of_work = SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))

    for turn in range(5):
        with units_of_work() as uow:
            uow.audit.add(ENTRY)
            if turn % 2:
                uow.commit()

    engine.dispose()


def test_a_lock_that_is_not_given_up_is_a_temporary_failure(postgresql_url: str) -> None:
    """Who waits longer than the lock timeout gives way, and may do the work again."""
    engine = make_engine(postgresql_url, lock_timeout_s=0.1)
    units_of_work = SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))
    keep_orders(units_of_work, a_version())

    with units_of_work() as holder:
        holder.orders.lock_known([("oms", "90001")])
        with pytest.raises(TemporaryFailure), units_of_work() as waiting:
            waiting.orders.lock_known([("oms", "90001")])

    engine.dispose()


def test_a_busy_sqlite_file_is_a_temporary_failure(tmp_path: object) -> None:
    """Who cannot get the write lock in time gives way, and may do the work again."""
    engine = make_engine(f"sqlite:///{tmp_path}/busy.db")
    units_of_work = SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))

    with engine.connect() as impatient, engine.connect() as holder:
        impatient.connection.driver_connection.execute("PRAGMA busy_timeout=0")  # type: ignore[union-attr]
        impatient.close()
        holder.begin()
        with pytest.raises(TemporaryFailure), units_of_work():
            pass

    engine.dispose()


def test_a_database_that_is_down_is_a_temporary_failure() -> None:
    """Nothing listens there: trying again later may help."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing", connect_timeout_s=2)

    with pytest.raises(TemporaryFailure), SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))():
        pass


def test_a_connection_that_is_cut_is_a_temporary_failure_and_the_next_one_works(server: PostgresServer, postgresql_url: str) -> None:
    """The pool throws the broken connection away."""
    engine = make_engine(postgresql_url, pool_size=2)
    units_of_work = SqlUnitsOfWork(engine, AesGcmSecretBox(SECRET_KEY))
    database = postgresql_url.rpartition("/")[2]
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()")
    other = make_engine(server.url())

    with other.connect() as killer, units_of_work() as uow:
        uow.audit.add(ENTRY)
        killer.execute(cut, {"name": database})
        with pytest.raises(TemporaryFailure):
            uow.commit()
    with units_of_work() as uow:
        found = uow.audit.about(ENTRY.subject)

    assert not found
    engine.dispose()
    other.dispose()


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: object) -> None:
    """A commit is on the disk, foreign keys hold, and readers do not stop the writer."""
    engine = make_engine(f"sqlite:///{tmp_path}/safe.db")

    with engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    engine.dispose()


def test_postgresql_sessions_are_bounded_and_named(postgresql_url: str) -> None:
    """No statement, lock or idle transaction lasts for ever, and an operator can see whose it is."""
    engine = make_engine(postgresql_url, application_name="billhook worker", lock_timeout_s=3, statement_timeout_s=4)

    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("application_name", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "timezone")
        ]

    assert found == ["billhook worker", "3s", "4s", "1min", "UTC"]
    engine.dispose()


def test_two_writers_on_sqlite_take_turns(engine: Engine, units_of_work: SqlUnitsOfWork) -> None:
    """Writing after reading never fails for a snapshot that is out of date."""
    for turn in range(3):
        with units_of_work() as uow:
            assert turn == len(uow.audit.about(ENTRY.subject))
            uow.audit.add(ENTRY)
            uow.commit()

from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, text

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.ports.connections import Connection, ConnectionState, PendingConsent, Tokens
from domain.errors import DomainError
from tests import factories
from tests.contracts.persistence.stock import NOW, configure, seconds

LANE = "501/xero"
TOKENS = Tokens("the access token", NOW + seconds(1800), "the refresh token")
CONNECTION = Connection(
    LANE,
    ConnectionState.OK,
    client_id="billhook",
    organisation_id="tenant-1",
    organisation_name="Demo Company (UK) Ångström",
    consent_id="connection-1",
    scopes=("accounting.invoices", "offline_access"),
    tokens=TOKENS,
    refreshed_at=NOW,
    connected_at=NOW - seconds(60),
)
PENDING = PendingConsent("the state", "the verifier", "http://localhost:8765/callback", NOW, TOKENS, ("offline_access",))


@pytest.fixture(autouse=True)
def declared(units_of_work: SqlUnitsOfWork) -> None:
    """The integrations that are connected here."""
    configure(units_of_work, factories.an_integration(kind="xero"), factories.an_integration(kind="fortnox"))


def save(units_of_work: SqlUnitsOfWork, connection: Connection) -> None:
    with units_of_work() as uow:
        uow.connections.save(connection, NOW)
        uow.commit()


def find(units_of_work: SqlUnitsOfWork, integration: str = LANE) -> Connection | None:
    with units_of_work() as uow:
        return uow.connections.find(integration)


def test_a_connection_comes_back_as_it_was_saved(units_of_work: SqlUnitsOfWork) -> None:
    """By find, by lock and in the list; nothing is there before."""
    with units_of_work() as uow:
        assert (uow.connections.find(LANE), uow.connections.lock(LANE), list(uow.connections.list())) == (None, None, [])

    save(units_of_work, CONNECTION)

    with units_of_work() as uow:
        assert uow.connections.find(LANE) == uow.connections.lock(LANE) == CONNECTION
        assert list(uow.connections.list()) == [CONNECTION]


def test_saving_again_replaces(units_of_work: SqlUnitsOfWork) -> None:
    """Also with less than there was."""
    lost = replace(CONNECTION, state=ConnectionState.NEEDS_REAUTH, reason="Xero answered 400\0", tokens=None)

    save(units_of_work, CONNECTION)
    save(units_of_work, lost)

    assert find(units_of_work) == replace(lost, reason="Xero answered 400\ufffd")


def test_a_consent_that_has_begun_stands_beside_the_connection(units_of_work: SqlUnitsOfWork) -> None:
    """Neither touches the other, whichever comes first."""
    with units_of_work() as uow:
        uow.connections.save_pending(LANE, PENDING, NOW)
        assert uow.connections.find(LANE) == Connection(LANE, ConnectionState.NOT_CONNECTED)
        uow.connections.save(CONNECTION, NOW)
        assert uow.connections.pending(LANE) == PENDING
        uow.connections.save_pending(LANE, replace(PENDING, state="another", tokens=None), NOW)
        assert uow.connections.pending(LANE) == replace(PENDING, state="another", tokens=None)
        uow.connections.save_pending(LANE, None, NOW)
        assert uow.connections.pending(LANE) is None
        assert uow.connections.find(LANE) == CONNECTION
        assert uow.connections.pending("501/fortnox") is None


def test_no_secret_stands_in_the_database_as_it_is(units_of_work: SqlUnitsOfWork, engine: Engine) -> None:
    """Neither tokens nor the state and verifier of a consent."""
    with units_of_work() as uow:
        uow.connections.save(CONNECTION, NOW)
        uow.connections.save_pending(LANE, PENDING, NOW)
        uow.commit()

    with engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM connections")).all())

    assert "tenant-1" in stored
    for secret in ("the access token", "the refresh token", "the state", "the verifier"):
        assert secret not in stored


def test_ciphertexts_open_only_where_they_belong(units_of_work: SqlUnitsOfWork, engine: Engine) -> None:
    """Copied to another integration, or opened with another key, they are refused."""
    save(units_of_work, CONNECTION)
    save(units_of_work, replace(CONNECTION, integration="501/fortnox"))
    with engine.begin() as connection:
        copied = "UPDATE connections SET tokens = (SELECT tokens FROM connections WHERE integration = '501/xero')"
        connection.execute(text(f"{copied} WHERE integration = '501/fortnox'"))

    with pytest.raises(DomainError, match="changed, or belongs elsewhere"):
        find(units_of_work, "501/fortnox")
    with pytest.raises(DomainError, match="another BILLHOOK_SECRET_KEY"):
        find(SqlUnitsOfWork(engine, AesGcmSecretBox("another key for tests, long enough to be one")))


def test_two_that_lock_a_connection_go_one_after_the_other(units_of_work: SqlUnitsOfWork) -> None:
    """The second reads what the first saved: no update is lost, whoever of many comes first."""
    save(units_of_work, replace(CONNECTION, scopes=()))
    start = Barrier(4)

    def add_scopes(name: str) -> None:
        start.wait()
        for number in range(5):
            with units_of_work() as uow:
                locked = uow.connections.lock(LANE)
                uow.connections.save(replace(locked, scopes=(*locked.scopes, f"{name}{number}")), NOW)
                uow.commit()

    threads = [Thread(target=add_scopes, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = find(units_of_work)
    assert sorted(found.scopes) == sorted(f"{name}{number}" for name in "abcd" for number in range(5))

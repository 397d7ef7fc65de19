"""Tokens that work: refreshed once, kept before they are used, and lost only where the vendor says so."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from adapters.system.clock import SystemClock
from application.ports.connections import ConnectionState
from application.ports.deliveries import Owed
from application.ports.oauth import Granted, OAuthApp, OAuthVendor
from domain.errors import DomainError, TemporaryFailure
from tests.fakes.xero.fake import FakeXero
from tests.integration.accounting.office import LANE, Office, connected
from tests.integration.accounting.workers import use


class Died(BaseException):
    """The process is gone."""


class DyingVendor:
    """Xero, asked by a process that dies when the answer is there."""

    def __init__(self, vendor: OAuthVendor) -> None:
        self._vendor = vendor

    def of(self, kind: str) -> "DyingVendor":
        return self

    def refresh(self, app: OAuthApp, refresh_token: str) -> Granted:
        self._vendor.refresh(app, refresh_token)
        raise Died


class CutOff:
    """Xero, whose answer comes just when the database ends all connections of ours."""

    def __init__(self, vendor: OAuthVendor, server_url: str) -> None:
        self._vendor = vendor
        self._server_url = server_url

    def of(self, kind: str) -> "CutOff":
        return self

    def refresh(self, app: OAuthApp, refresh_token: str) -> Granted:
        granted = self._vendor.refresh(app, refresh_token)
        with psycopg.connect(self._server_url) as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(others)
        return granted


def test_a_token_that_lives_is_used_as_it_is(office: Office) -> None:
    """No call is made for it, until five minutes before its end."""
    office.connect()
    first = office.current()

    office.clock.advance(minutes=24)
    again = office.current()

    assert again == first
    assert first.organisation_name == "Demo Company (UK)"
    assert office.xero.identity.refreshes == 0


def test_a_token_is_refreshed_before_it_ends(office: Office) -> None:
    """Five minutes early; what came is kept."""
    office.connect()
    first = office.current()

    office.clock.advance(minutes=26)
    second = office.current()
    third = office.current()

    assert second.token != first.token
    assert third == second
    assert office.xero.identity.refreshes == 1
    assert office.connection().refreshed_at == office.clock.now()


def test_a_refresh_that_fails_early_stops_nothing(office: Office) -> None:
    """The token still lives: it is used, and a later call refreshes it. A dead one is an error that passes."""
    office.connect()
    first = office.current()
    office.clock.advance(minutes=26)
    office.xero._server.close()

    assert office.current() == first
    office.clock.advance(minutes=4)
    with pytest.raises(TemporaryFailure, match="cannot be reached"):
        office.current()
    assert office.connection().state is ConnectionState.OK


def test_a_token_that_was_refused_is_renewed_once(office_on_each: Office) -> None:
    """Whoever comes second with the same refused token gets what the first one got."""
    office = office_on_each
    office.connect()
    stale = office.current().token

    first = office.access_tokens.renewed(LANE, "xero", office.app, stale)
    second = office.access_tokens.renewed(LANE, "xero", office.app, stale)

    assert first == second == office.current()
    assert first.token != stale
    assert office.xero.identity.refreshes == 1


def test_dying_before_the_new_tokens_are_kept_does_no_harm_within_the_grace(office: Office) -> None:
    """Xero takes the old refresh token for another 30 minutes."""
    office.connect()
    office.clock.advance(minutes=40)
    vendors = office.vendors
    office.vendors = DyingVendor(vendors.of("xero"))
    office.wire()
    app = replace(office.desk.find(LANE).app)
    with pytest.raises(Died):
        office.access_tokens.current(LANE, "xero", app)
    office.vendors = vendors
    office.wire()

    office.clock.advance(minutes=29)
    access = office.current()

    assert access == office.current()
    assert office.xero.identity.refreshes == 2
    assert office.connection().state is ConnectionState.OK


def test_a_consent_that_is_lost_makes_deliveries_wait_and_tells_once(office_on_each: Office) -> None:
    """The state says so, one alert has the command, and no further call is made."""
    office = office_on_each
    office.connect()
    office.xero.identity.forget_tokens()
    office.clock.advance(minutes=31)

    for _ in range(3):
        with pytest.raises(DomainError, match="invalid_grant") as caught:
            office.current()

    assert (caught.value.code, caught.value.next_step) == ("needs_reauth", "Connect again: billhook connect xero --company 501")
    assert office.connection().state is ConnectionState.NEEDS_REAUTH
    [alert] = office.alerts()
    assert "Demo Company (UK)" in alert
    assert alert.endswith("billhook connect xero --company 501")
    assert len([name for name, _ in office.telemetry.events if name == "connection_needs_reauth"]) == 1


def test_an_integration_that_nobody_connected_says_how(office: Office) -> None:
    """Also one whose client_id was changed, until it is put right."""
    with pytest.raises(DomainError, match="nobody has connected it"):
        office.current()
    office.connect()
    office.declare(client_id="another")
    with pytest.raises(DomainError, match="another client_id"):
        office.current()

    office.declare()

    assert office.current().organisation_name == "Demo Company (UK)"


def test_a_wrong_secret_costs_no_consent(office: Office) -> None:
    """It is a mistake in the settings: put right, everything goes on."""
    office.connect()
    office.clock.advance(minutes=31)
    wrong = replace(office.app, client_secret="wrong")

    with pytest.raises(DomainError, match="invalid_client") as caught:
        office.access_tokens.current(LANE, "xero", wrong)

    assert caught.value.code == "app_refused"
    assert office.connection().state is ConnectionState.OK
    assert office.current().organisation_name == "Demo Company (UK)"


def test_a_reconnect_wakes_the_lane(office_on_each: Office) -> None:
    """What waited is due at once, and hinted at."""
    office = office_on_each
    office.connect()
    now = office.clock.now()
    with office.units_of_work() as uow:
        uow.deliveries.owe([Owed(LANE, "order", 1)], now)
        lease = uow.deliveries.take_lease(LANE, "worker-1", now, now + timedelta(seconds=60))
        uow.deliveries.park(lease, now + timedelta(hours=5), "not connected", now)
        uow.deliveries.release_lease(lease)
        uow.commit()

    office.connect()

    with office.units_of_work() as uow:
        assert list(uow.deliveries.due_lanes(now, 10)) == [LANE]
    assert office.hints.lanes[-1] == LANE


@pytest.fixture
def fleet_office(postgres_url: str) -> Iterator[Office]:
    """As the office, on PostgreSQL and on the machine's clock, so that other processes may join."""
    engine = make_engine(postgres_url)
    migrate(engine)
    with FakeXero() as xero:
        xero.add_app()
        office = Office(engine, xero, SystemClock())
        office.declare()
        yield office
    engine.dispose()


def test_a_fleet_refreshes_once(fleet_office: Office) -> None:
    """Four processes with two threads each: all use what the one of them got."""
    office = fleet_office
    organisation = office.xero.add_organisation()
    given = office.xero.connect(office.xero.identity.apps["billhook"], organisation)
    with office.units_of_work() as uow:
        uow.connections.save(connected(timedelta(minutes=2), office.clock, given.refresh_token, organisation.tenant_id), office.clock.now())
        uow.commit()
    context = multiprocessing.get_context("spawn")
    start, tokens = context.Barrier(8), context.Queue()
    url = office.engine.url.render_as_string(hide_password=False)
    processes = [context.Process(target=use, args=(url, office.xero.origin, start, tokens)) for _ in range(4)]

    for process in processes:
        process.start()
    got = [tokens.get(timeout=120) for _ in range(8)]
    for process in processes:
        process.join()

    assert office.xero.identity.refreshes == 1
    assert got == [office.connection().tokens.access_token] * 8


def test_tokens_are_kept_although_the_database_broke_off(fleet_office: Office, postgres_url: str) -> None:
    """Between the vendor's answer and the commit: a new connection keeps them, as nobody else has them."""
    office = fleet_office
    organisation = office.xero.add_organisation()
    given = office.xero.connect(office.xero.identity.apps["billhook"], organisation)
    with office.units_of_work() as uow:
        uow.connections.save(connected(timedelta(), office.clock, given.refresh_token, organisation.tenant_id), office.clock.now())
        uow.commit()
    app = office.app
    office.vendors = CutOff(office.vendors.of("xero"), postgres_url)
    office.wire()

    access = office.access_tokens.current(LANE, "xero", app)

    assert access.token == office.connection().tokens.access_token
    assert office.connection().tokens.refresh_token != given.refresh_token
    assert office.xero.identity.refreshes == 1

"""From an address to tokens that work, and back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from application.ports.audit_log import AuditEntry
from application.ports.connections import ConnectionState
from application.queries.list_connections import ConnectionRow, ListConnectionsHandler
from application.use_cases.begin_connect import BeginConnect, Connected
from application.use_cases.disconnect import Disconnect
from application.use_cases.finish_connect import ChooseOrganisation, FinishConnect
from application.use_cases.keep_connections_alive import KeepConnectionsAlive, KeepConnectionsAliveHandler
from domain.errors import DomainError, Invalid, NotFound, TemporaryFailure
from tests import factories
from tests.fakes.xero.faults import create_then_drop, offline_503, status
from tests.integration.accounting.office import LANE, SETTINGS, Office, browse


def finish(office: Office, address: str, organisation: str = "") -> Connected | ChooseOrganisation:
    return office.finish_connect(FinishConnect(LANE, address, "ada", organisation))


def row(office: Office) -> ConnectionRow:
    [only] = ListConnectionsHandler(office.units_of_work, office.vendors, office.clock)()
    return only


def audit(office: Office) -> list[AuditEntry]:
    with office.units_of_work() as uow:
        return list(uow.audit.about(LANE))


def refusal_of(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        act()
    assert caught.value.next_step
    return caught.value.code


def test_a_consent_gives_tokens_and_an_organisation(office: Office) -> None:
    """The address has state, PKCE and scopes; what came of it is kept and in the audit log."""
    begun = office.begin()
    asked = parse_qs(urlsplit(begun.authorize_url).query)

    connected = finish(office, browse(begun.authorize_url))

    assert asked["state"] == [begun.state]
    assert asked["code_challenge_method"] == ["S256"]
    assert "accounting.invoices" in asked["scope"][0].split()
    assert not connected.again
    assert connected.connection == office.connection()
    assert (connected.connection.state, connected.connection.organisation_name) == (ConnectionState.OK, "Demo Company (UK)")
    assert "offline_access" in connected.connection.scopes
    assert [(entry.actor, entry.action) for entry in audit(office)] == [("ada", "connected")]
    assert office.connection().tokens.access_token not in repr(audit(office))
    assert office.current().token


def test_the_state_must_be_the_one_that_was_sent_out(office: Office) -> None:
    """An answer to somebody else's consent changes nothing, and the right one still works."""
    begun = office.begin()
    address = browse(begun.authorize_url)

    assert refusal_of(lambda: finish(office, address.replace(begun.state, "another"))) == "wrong_state"
    assert refusal_of(lambda: finish(office, address.partition("?")[0])) == "wrong_state"
    assert isinstance(finish(office, address), Connected)


def test_beginning_again_voids_the_consent_before(office: Office) -> None:
    """Its state is not waited for any more."""
    old = browse(office.begin().authorize_url)
    new = browse(office.begin().authorize_url)

    assert refusal_of(lambda: finish(office, old)) == "wrong_state"
    assert isinstance(finish(office, new), Connected)


def test_a_user_who_says_no_ends_it(office: Office) -> None:
    """With what the vendor said; the next one must be begun anew."""
    office.xero.will_deny()
    address = browse(office.begin().authorize_url)

    assert refusal_of(lambda: finish(office, address)) == "consent_denied"
    assert refusal_of(lambda: finish(office, address)) == "not_begun"
    assert [entry.action for entry in audit(office)] == ["consent_denied"]


def test_a_consent_is_waited_for_an_hour(office: Office) -> None:
    """And a code that is older than the vendor allows is refused by it."""
    late, later = office.begin(), None
    address = browse(late.authorize_url)
    office.clock.advance(minutes=6)
    assert refusal_of(lambda: finish(office, address)) == "consent_refused"

    later = office.begin()
    office.clock.advance(minutes=61)
    assert refusal_of(lambda: finish(office, browse(later.authorize_url))) == "consent_expired"


def test_of_several_organisations_a_person_chooses(office: Office) -> None:
    """By id or name, with the same address: the code is not needed twice."""
    second = office.xero.add_organisation("Second Ltd")
    address = browse(office.begin().authorize_url)

    choice = finish(office, address)
    assert refusal_of(lambda: finish(office, address, "Third Ltd")) == "no_organisation"
    connected = finish(office, address, "Second Ltd")

    assert isinstance(choice, ChooseOrganisation)
    assert sorted(each.name for each in choice.organisations) == ["Demo Company (UK)", "Second Ltd"]
    assert connected.connection.organisation_id == second.tenant_id


def test_a_reconnect_takes_the_organisation_it_had(office: Office) -> None:
    """Although there is another by now."""
    office.connect()
    office.xero.add_organisation("Second Ltd")
    office.clock.advance(days=100)

    again = finish(office, browse(office.begin().authorize_url))

    assert again.again
    assert again.connection.organisation_name == "Demo Company (UK)"
    assert [entry.action for entry in audit(office)] == ["connected", "reconnected"]


def test_a_reconnect_to_another_organisation_is_refused(office: Office) -> None:
    """Half of the documents would be there. After a disconnect it is meant."""
    office.connect()
    second = office.xero.add_organisation("Second Ltd")
    office.xero.will_consent(second)
    address = browse(office.begin().authorize_url)

    assert refusal_of(lambda: finish(office, address)) == "other_organisation"
    assert office.connection().organisation_name == "Demo Company (UK)"
    assert office.current().organisation_name == "Demo Company (UK)"

    office.disconnect(Disconnect(LANE, "ada"))
    assert office.connect().organisation_name == "Second Ltd"


def test_a_vendor_that_is_away_while_finishing_costs_no_second_consent(office: Office) -> None:
    """What the code gave is kept before anything else is asked."""
    address = browse(office.begin().authorize_url)
    office.xero.faults.next("/connections", offline_503())

    with pytest.raises(TemporaryFailure, match="503"):
        finish(office, address)

    assert isinstance(finish(office, address), Connected)


def test_disconnecting_ends_it_there_and_here(office: Office) -> None:
    """Also where the access token is too old for the call; a second time there is nothing to do."""
    office.connect()
    office.clock.advance(hours=3)

    rehearsed = office.disconnect(Disconnect(LANE, "ada", dry_run=True))
    assert office.xero.identity.connected("billhook")
    ended = office.disconnect(Disconnect(LANE, "ada", "moved"))
    again = office.disconnect(Disconnect(LANE, "ada"))

    assert rehearsed.connection == ended.connection
    assert again.connection is None
    assert not office.xero.identity.connected("billhook")
    assert (office.connection().state, office.connection().tokens) == (ConnectionState.NOT_CONNECTED, None)
    assert [(entry.action, entry.reason) for entry in audit(office)] == [("connected", ""), ("disconnected", "moved")]


def test_a_consent_that_another_integration_lives_by_stays_at_the_vendor(office: Office) -> None:
    """Two companies whose invoices go to the same books: ending it for one must not end it for the other."""
    second = factories.an_integration(kind="xero", name="second", settings=SETTINGS)
    first = factories.an_integration(kind="xero", settings=SETTINGS)
    with office.units_of_work() as uow:
        configuration = factories.a_configuration(integrations={each.path: each for each in (first, second)})
        uow.configurations.save(configuration, {}, {second.path: {"client_secret": "app-secret"}})
        uow.commit()
    office.connect()
    begun = office.begin_connect(BeginConnect(second.path, "ada"))
    office.finish_connect(FinishConnect(second.path, browse(begun.authorize_url), "ada"))

    one = office.disconnect(Disconnect(LANE, "ada"))
    still_there = office.xero.identity.connected("billhook")
    other = office.disconnect(Disconnect(second.path, "ada"))

    assert (one.shared_with, other.shared_with) == ((second.path,), ())
    assert office.connection().state is ConnectionState.NOT_CONNECTED
    assert still_there
    assert not office.xero.identity.connected("billhook")


def test_a_disconnect_that_failed_halfway_is_done_again(office: Office) -> None:
    """Meanwhile no worker uses the tokens."""
    office.connect()
    office.xero.faults.next("/connections/*", offline_503(), "DELETE")

    with pytest.raises(TemporaryFailure):
        office.disconnect(Disconnect(LANE, "ada"))
    with pytest.raises(DomainError, match="not connected"):
        office.current()
    office.disconnect(Disconnect(LANE, "ada"))

    assert not office.xero.identity.connected("billhook")


def test_what_is_not_declared_in_full_says_what_is_missing(office: Office) -> None:
    """Before anybody is sent to a browser."""
    with pytest.raises(NotFound, match="xero/second"):
        office.desk.path_of("501", "xero", "second")
    with pytest.raises(NotFound):
        office.desk.find("777/xero")
    office.declare(client_id="")
    with pytest.raises(Invalid, match="client_id"):
        office.begin()
    office.declare(redirect_uri="")
    with pytest.raises(Invalid, match="redirect_uri"):
        office.begin()
    office.declare(kind="pdf_emailer")
    with pytest.raises(DomainError, match="are not connected"):
        office.desk.find("501/pdf_emailer")


def test_the_list_tells_how_it_stands(office: Office) -> None:
    """Before, while and after; with the calls that are left today."""
    before = row(office)
    office.begin()
    begun = row(office)
    office.connect()
    now = office.clock.now().timestamp()
    with office.units_of_work() as uow:
        key = f"xero:{uow.connections.find(LANE).organisation_id}"
        calls = uow.call_budgets.lock(key)
        uow.call_budgets.save(key, calls.answered("x", now, day_left=4_321), office.clock.now())
        uow.commit()
    after = row(office)
    office.declare(client_id="another")
    changed = row(office)

    assert (before.state, before.next_step) == (ConnectionState.NOT_CONNECTED, "billhook connect xero --company 501")
    assert begun.consent_begun_at == office.clock.now()
    assert (after.state, after.next_step, after.calls_left_today) == (ConnectionState.OK, "", 4_321)
    assert after.access_expires_at == office.clock.now() + timedelta(minutes=30)
    assert (changed.state, changed.reason[:24]) == (ConnectionState.NEEDS_REAUTH, "It was connected with an")


def test_an_idle_connection_is_kept_alive(office: Office) -> None:
    """Before its refresh token dies, again and again; one that is in use is left alone."""
    keep_alive = KeepConnectionsAliveHandler(office.desk, office.access_tokens, office.units_of_work, office.clock, office.telemetry)
    office.connect()

    refreshed = []
    for _ in range(9):
        office.clock.advance(days=13)
        refreshed.append(keep_alive(KeepConnectionsAlive()))

    assert refreshed == [0, 1] * 4 + [0]
    assert office.current().organisation_name == "Demo Company (UK)"


def test_one_connection_that_cannot_be_kept_alive_stops_no_other(office: Office) -> None:
    """It is reported and tried again the next time."""
    keep_alive = KeepConnectionsAliveHandler(office.desk, office.access_tokens, office.units_of_work, office.clock, office.telemetry)
    office.connect()
    office.clock.advance(days=26)
    office.xero.faults.next("/connect/token", offline_503())

    assert [keep_alive(KeepConnectionsAlive()) for _ in range(3)] == [0, 1, 0]
    assert "connection_not_kept_alive" in [name for name, _ in office.telemetry.events]


def test_the_redirect_address_is_the_one_that_was_sent_out(office: Office) -> None:
    """Although the settings were changed in between."""
    address = browse(office.begin().authorize_url)
    office.declare(redirect_uri="http://localhost:9999/elsewhere")

    assert isinstance(finish(office, address), Connected)
    assert replace(office.connection(), tokens=None).consent_id


def test_an_accountants_practice_is_no_organisation(office: Office) -> None:
    """It has no books; and a consent to nothing else reaches nothing."""
    practice = {"id": "1", "tenantId": "2", "tenantType": "PRACTICE", "tenantName": "Practice Ltd", "authEventId": "3"}
    address = browse(office.begin().authorize_url)
    office.xero.faults.next("/connections", status(200, json.dumps([practice])))

    assert refusal_of(lambda: finish(office, address)) == "no_organisation"


def test_a_code_whose_answer_was_lost_needs_another_consent(office: Office) -> None:
    """It works once: whoever finishes again is told to begin again, and then it works."""
    address = browse(office.begin().authorize_url)
    office.xero.faults.next("/connect/token", create_then_drop(), "POST")
    with pytest.raises(TemporaryFailure):
        finish(office, address)

    assert refusal_of(lambda: finish(office, address)) == "consent_refused"
    assert isinstance(finish(office, browse(office.begin().authorize_url)), Connected)

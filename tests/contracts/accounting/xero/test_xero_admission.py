"""What an answer of 401 or 403 means: the organisation is gone, a scope is missing, or something else stands in the way."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.accounting.app_of import DEFAULT_SCOPES, app_of
from adapters.accounting.xero.admission import needed_scope
from application.ports.connections import Connection, ConnectionState
from application.ports.incidents import Incident
from domain.delivery.outcome import ConnectionLost, RetryLater
from domain.errors import DomainError, TemporaryFailure
from tests.contracts.accounting.xero.house import PATH, XeroHouse, a_credit_note, all_delivered, an_invoice
from tests.contracts.accounting.xero.shop import bill
from tests.factories import a_configuration
from tests.fakes.xero import Fault, faults
from tests.integration.use_cases.house import House

FORBIDDEN = json.dumps({"title": "Forbidden", "status": 403, "detail": "AuthenticationUnsuccessful"})
CONNECT = "billhook connect xero --company 501"
ALL_BUT = "offline_access accounting.invoices.read accounting.contacts accounting.settings"


def connection(house: XeroHouse) -> Connection:
    """As it is stored."""
    with house.units_of_work() as uow:
        found = uow.connections.find(PATH)
    assert found is not None
    return found


def refusal(house: XeroHouse, number: int = 1) -> DomainError:
    """What a delivery ends with before anything was handed over."""
    with pytest.raises(DomainError) as refused:
        house.deliver(an_invoice(number))
    return refused.value


def incidents(house: XeroHouse) -> list[Incident]:
    """Those that are open."""
    with house.units_of_work() as uow:
        return list(uow.incidents.open_about(PATH))


@pytest.fixture
def watched(house: XeroHouse) -> XeroHouse:
    """Somebody is told what goes wrong, and the first invoice is there."""
    house.settings["errors_to"] = "ops@acme.example"
    lane = house.lane
    with house.units_of_work() as uow:
        uow.configurations.save(a_configuration(lane.company, integrations={PATH: lane.integration}, revision=2), {}, {})
        uow.commit()
    assert all_delivered(house.deliver(an_invoice(1)))
    return house


def test_an_organisation_that_was_disconnected_needs_a_person_and_is_told_once(watched: XeroHouse) -> None:
    """Xero does not list it any more. From then on nothing is asked of Xero."""
    watched.xero.identity.connections.clear()

    [first] = watched.deliver(an_invoice(2))
    calls = watched.xero.calls.total
    second = refusal(watched, 3)

    assert isinstance(first, ConnectionLost)
    assert (first.code, first.next_step) == ("needs_reauth", f"Connect again: {CONNECT}")
    assert (second.code, second.next_step) == ("needs_reauth", f"Connect again: {CONNECT}")
    assert connection(watched).state is ConnectionState.NEEDS_REAUTH
    assert "lists Demo Company (UK) among the app's connections no more" in connection(watched).reason
    assert watched.xero.calls.total == calls
    [incident] = incidents(watched)
    assert (incident.cause, incident.next_step) == ("needs_reauth", f"Connect again: {CONNECT}")
    with watched.units_of_work() as uow:
        [mail] = uow.alerts.unsent(watched.clock.now() + timedelta(days=1), 10)
    assert len(mail.alerts) == 1


def test_the_same_is_found_out_by_reading(watched: XeroHouse) -> None:
    """Also where another organisation of the same user is connected still."""
    other = watched.xero.add_organisation("Second Ltd")
    watched.xero.identity.connections.clear()
    watched.xero.identity.consented("billhook", DEFAULT_SCOPES["xero"], [other.tenant_id])
    watched.clock.advance(hours=1, minutes=1)

    assert refusal(watched, 2).code == "needs_reauth"
    assert connection(watched).state is ConnectionState.NEEDS_REAUTH
    assert watched.handed_over == {1: 1}


def test_what_waited_goes_on_after_a_reconnect(watched: XeroHouse) -> None:
    """Nothing of it had happened."""
    watched.xero.identity.connections.clear()
    watched.deliver(an_invoice(2))

    watched.connect()

    assert all_delivered(watched.deliver(an_invoice(2)))
    assert watched.effects() == {"INV-000001": 1, "INV-000002": 1}


def test_the_books_of_a_disconnected_organisation_need_a_reconnect(watched: XeroHouse) -> None:
    """Whoever comes upon it first."""
    watched.xero.identity.connections.clear()

    with watched.open_ledger() as ledger, pytest.raises(DomainError) as refused:
        list(ledger.documents(None))

    assert refused.value.code == "needs_reauth"
    assert connection(watched).state is ConnectionState.NEEDS_REAUTH


def test_a_403_of_an_organisation_that_is_connected_gives_no_consent_up(watched: XeroHouse) -> None:
    """It may be the user's rights, or the subscription: a person is told, and the lane tries again by itself."""
    watched.xero.faults.next("/Invoices", faults.status(403, FORBIDDEN), "PUT")

    [outcome] = watched.deliver(an_invoice(2))

    assert isinstance(outcome, ConnectionLost)
    assert outcome.code == "no_access"
    assert "See in Xero whether the organisation is active" in outcome.next_step
    assert connection(watched).state is ConnectionState.OK
    assert incidents(watched) == []


@pytest.mark.parametrize(
    "fault",
    [
        lambda: faults.status(403, "<html>Request blocked</html>"),
        lambda: faults.status(200, "<html>Welcome</html>"),
        lambda: faults.status(401, json.dumps({"Title": "Unauthorized", "Status": 401, "Detail": "AuthenticationUnsuccessful"})),
    ],
)
def test_only_a_list_of_the_connections_is_believed(watched: XeroHouse, fault: Callable[[], Fault]) -> None:
    """A firewall's page says nothing about a consent."""
    watched.xero.faults.next("/Invoices", faults.status(403, FORBIDDEN), "PUT")
    watched.xero.faults.next("/connections", fault(), times=2)

    [outcome] = watched.deliver(an_invoice(2))

    assert isinstance(outcome, ConnectionLost)
    assert connection(watched).state is ConnectionState.OK


def test_where_xero_cannot_be_asked_the_delivery_waits(watched: XeroHouse) -> None:
    """The next try asks again."""
    watched.xero.identity.connections.clear()
    watched.xero.faults.next("/connections", faults.offline_503(), times=2)

    [sent] = watched.deliver(an_invoice(2))
    with watched.open_ledger() as ledger, pytest.raises(TemporaryFailure):
        list(ledger.documents(None))

    assert isinstance(sent, RetryLater)
    assert connection(watched).state is ConnectionState.OK


def test_a_consent_given_meanwhile_is_not_taken_for_lost(watched: XeroHouse) -> None:
    """The verdict is about the tokens that were refused, and these are gone."""
    tools, lane = watched.tools, watched.lane
    app = app_of(lane)
    before = tools.access_tokens.current(lane.integration.path, "xero", app)
    watched.connect()

    with pytest.raises(TemporaryFailure, match="renewed meanwhile"):
        tools.access_tokens.lose(PATH, app, before.token, "Xero said no.")

    assert connection(watched).state is ConnectionState.OK
    assert incidents(watched) == []


def test_a_scope_that_is_missing_is_named_and_gives_no_consent_up(watched: XeroHouse) -> None:
    """Reading invoices is allowed, writing them is not: one call, and no question which organisations there are."""
    watched.connect(ALL_BUT)
    watched.deliver(an_invoice(2))
    asked = watched.xero.calls.by_path()

    [outcome] = watched.deliver(an_invoice(2))

    assert isinstance(outcome, ConnectionLost)
    assert "which needs accounting.invoices" in outcome.reason
    assert "It is among the scopes that are asked for now: connect again" in outcome.next_step
    assert connection(watched).state is ConnectionState.OK
    assert watched.xero.calls.by_path()["PUT /Invoices"] == asked["PUT /Invoices"] + 1
    assert "GET /connections" not in watched.xero.calls.by_path()


@pytest.mark.parametrize(
    ("left_out", "attach_pdf", "created"),
    [("accounting.invoices", False, []), ("accounting.attachments", True, ["INV-000001"])],
)
def test_a_scope_that_a_write_lacks_is_told_at_the_first_try_by_its_name(
    shop: House, house: XeroHouse, left_out: str, attach_pdf: bool, created: list[str]
) -> None:
    """Nobody waits for the fifth time; after the reconnect everything goes on behind what had happened."""
    house.settings["attach_pdf"] = attach_pdf
    house.connect(" ".join(f"{scope}.read" if scope == left_out else scope for scope in DEFAULT_SCOPES["xero"]))

    bill(shop, house, "1")

    [incident] = incidents(house)
    assert incident.cause == "scope_missing"
    assert f"which needs {left_out}." in incident.text
    assert incident.next_step.endswith(CONNECT)
    assert shop.states() == ["pending"]
    assert list(house.effects()) == created
    house.connect()
    shop.drain(PATH)
    assert shop.states() == ["delivered"]
    assert house.effects() == {"INV-000001": 1}
    assert len(house.organisation.attachments) == attach_pdf
    assert incidents(house) == []


def test_a_scope_that_the_settings_leave_out_is_to_be_added(watched: XeroHouse) -> None:
    """And then connected again."""
    watched.settings["scopes"] = ["offline_access", "accounting.invoices", "accounting.settings"]
    watched.connect("offline_access accounting.invoices accounting.settings")
    watched.settings["contact_name"] = "Somebody Else"

    refused = refusal(watched, 2)

    assert refused.code == "scope_missing"
    assert "which needs accounting.contacts" in refused.text
    assert refused.next_step == f"Add accounting.contacts to scopes, apply, and connect again: {CONNECT}"


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/Invoices", "accounting.invoices"),
        ("/CreditNotes/1/Allocations", "accounting.invoices"),
        ("/PurchaseOrders", "accounting.invoices"),
        ("/CreditNotes/1/Attachments/CN-1.pdf", "accounting.attachments"),
        ("/Contacts", "accounting.contacts"),
        ("/Items", "accounting.settings"),
        ("/TaxRates", "accounting.settings"),
    ],
)
def test_each_call_has_its_scope(path: str, scope: str) -> None:
    """As Xero names them since 2026."""
    assert needed_scope(path) == scope


def test_a_403_that_names_its_scope_in_a_header_is_one_of_scopes(watched: XeroHouse) -> None:
    """As the standard has it (RFC 6750)."""
    watched.xero.identity.connections.clear()
    answered = faults.status(403, FORBIDDEN).answered
    assert answered is not None
    named = type(answered)(answered.status, answered.body, {**answered.headers, "WWW-Authenticate": 'Bearer error="insufficient_scope"'})
    watched.xero.faults.next("/Invoices", Fault(named, committed=False, at_gateway=True), "PUT")

    [outcome] = watched.deliver(an_invoice(2))

    assert isinstance(outcome, ConnectionLost)
    assert "which needs accounting.invoices" in outcome.reason
    assert connection(watched).state is ConnectionState.OK


def test_a_lost_connection_ends_the_visit(watched: XeroHouse) -> None:
    """Neither the rest of the invoices nor the credit notes behind them are tried."""
    watched.connect(ALL_BUT)
    invoices = [an_invoice(number) for number in range(2, 53)]

    outcomes = watched.deliver(*invoices, a_credit_note(an_invoice(1)))

    assert [type(outcome) for outcome in outcomes] == [ConnectionLost] * 50
    assert watched.xero.calls.by_path()["PUT /Invoices"] == 1 + 1
    assert not watched.xero.calls.of("GET", "/CreditNotes")


def test_a_pdf_that_may_not_be_put_there_stops_the_others_too(watched: XeroHouse) -> None:
    """One call shows that the scope is missing."""
    watched.settings["attach_pdf"] = True
    watched.connect(" ".join(DEFAULT_SCOPES["xero"]).replace("accounting.attachments", "accounting.attachments.read"))

    [outcome] = watched.deliver(*map(an_invoice, (2, 3, 4)))

    assert isinstance(outcome, ConnectionLost)
    assert len([call for call in watched.xero.calls.entries if call.method == "PUT" and "/Attachments/" in call.path]) == 1
    assert set(watched.steps) == {2, 3, 4}

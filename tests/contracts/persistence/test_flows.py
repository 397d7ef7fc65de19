from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Change, Owed
from application.ports.flows import FlowState, StoredCustomer
from domain.companies.flow import Conflict, Flow, FlowDocument
from domain.delivery.state import DeliveryState
from tests.contracts.persistence.lane_work import claim, settle, take
from tests.contracts.persistence.stock import MAILER, NOW
from tests.factories import a_configuration

XERO = "501/xero"
STATE = FlowState(
    "web",
    "fingerprint",
    NOW,
    "2026-11-21T12:00@UTC",
    {"orders": '{"page": 2}'},
    {"orders": ""},
    3,
    NOW + timedelta(minutes=5),
    NOW,
    17,
    "no",
)


def test_a_flow_that_never_ran_has_an_empty_state(units_of_work: SqlUnitsOfWork) -> None:
    """It is made as it is locked."""
    with units_of_work() as uow:
        assert uow.flows.lock("web") == FlowState("web")
        uow.commit()

    with units_of_work() as uow:
        assert uow.flows.states() == [FlowState("web")]


def test_a_state_comes_back_as_it_was_saved(units_of_work: SqlUnitsOfWork) -> None:
    """Of that flow only."""
    with units_of_work() as uow:
        for state in (STATE, replace(STATE, name="shop", token=9)):
            uow.flows.lock(state.name)
            uow.flows.save(state)
        uow.commit()

    with units_of_work() as uow:
        assert uow.flows.states() == [replace(STATE, name="shop", token=9), STATE]
        assert uow.flows.lock("web") == STATE


def test_what_was_taken_is_known_by_its_latest_content(units_of_work: SqlUnitsOfWork) -> None:
    """By flow and by what it is."""
    with units_of_work() as uow:
        uow.flows.took("web", "orders", {"1": "a", "2": "b"}, NOW)
        uow.flows.took("web", "customers", {"1": "x"}, NOW)
        uow.flows.took("shop", "orders", {"1": "y"}, NOW)
        uow.flows.took("web", "orders", {"2": "c"}, NOW)
        uow.flows.took("web", "orders", {}, NOW)
        uow.commit()

    with units_of_work() as uow:
        assert uow.flows.fingerprints("web", "orders", ["1", "2", "3"]) == {"1": "a", "2": "c"}
        assert uow.flows.fingerprints("web", "orders", []) == {}
        many = {str(number): "z" for number in range(1_234)}
        uow.flows.took("web", "orders", many, NOW)
        assert uow.flows.fingerprints("web", "orders", many) == many


def test_each_version_of_a_customer_is_kept(units_of_work: SqlUnitsOfWork) -> None:
    """Under an id of its own."""
    with units_of_work() as uow:
        [first] = uow.flows.add_customers("web", {"c-1": b'{"ref": "web-c-1"}'}, NOW)
        [second] = uow.flows.add_customers("web", {"c-1": b"{}"}, NOW)
        uow.commit()

    with units_of_work() as uow:
        found = uow.flows.customers([second, first, second + 1])
        assert found == {
            first: StoredCustomer(first, "web", "c-1", b'{"ref": "web-c-1"}'),
            second: StoredCustomer(second, "web", "c-1", b"{}"),
        }


def a_customer(lanes: SqlUnitsOfWork, flow: str, remote_id: str, integration: str, there: str = "") -> int:
    """A version that was taken and is owed to it; delivered where ``there`` says to which record."""
    with lanes() as uow:
        [customer_id] = uow.flows.add_customers(flow, {remote_id: f'{{"ref": "{flow}-{remote_id}"}}'.encode()}, NOW)
        uow.deliveries.owe([Owed(integration, "customer", customer_id)], NOW)
        uow.commit()
    if there:
        lease = take(lanes, integration)
        mine = next(each for each in claim(lanes, lease) if each.subject_id == customer_id)
        settle(lanes, lease, Change(mine.delivery_id, DeliveryState.DELIVERED, "delivered", remote_id=there))
        with lanes() as uow:
            uow.deliveries.release_lease(lease)
            uow.commit()
    return customer_id


def test_what_was_written_last_to_a_record_is_known_by_its_name_there(lanes: SqlUnitsOfWork) -> None:
    """Whatever flow wrote it; what is owed to the integration, and may be written already, is told apart."""
    a_customer(lanes, "in", "a", XERO, there="R-1")
    second = a_customer(lanes, "in", "a", XERO, there="R-1")
    other = a_customer(lanes, "else", "b", XERO, there="R-2")
    a_customer(lanes, "in", "a", MAILER, there="R-2")
    under_way = a_customer(lanes, "in", "c", XERO)

    with lanes() as uow:
        found = uow.flows.delivered_customers(XERO, ["R-1", "R-2", "R-3", ""])
        assert {there: (each.customer_id, each.remote_id) for there, each in found.items()} == {"R-1": (second, "a"), "R-2": (other, "b")}
        assert uow.flows.delivered_customers(XERO, []) == {}
        assert [each.customer_id for each in uow.flows.customers_under_way(XERO)] == [under_way]
        assert uow.flows.customers_under_way(MAILER) == []


def test_the_record_that_a_customer_was_written_to_is_that_of_its_last_delivery(lanes: SqlUnitsOfWork) -> None:
    """Of that flow; none where none was delivered."""
    a_customer(lanes, "in", "a", XERO, there="R-1")
    a_customer(lanes, "in", "a", XERO, there="R-2")
    a_customer(lanes, "in", "a", XERO)

    with lanes() as uow:
        records = [uow.flows.record_there(*wanted) for wanted in (("in", "a"), ("in", "b"), ("else", "a"))]

    assert records == ["R-2", "", ""]


@pytest.mark.parametrize("is_known_by", ["in", "back"])
def test_a_customer_is_overtaken_by_a_later_change_of_its_record_on_the_other_side(lanes: SqlUnitsOfWork, is_known_by: str) -> None:
    """That both are the same is known from a delivery in either direction; a change of another record is no matter."""
    if is_known_by == "in":
        a_customer(lanes, "in", "a", XERO, there="b")
    else:
        a_customer(lanes, "back", "b", MAILER, there="a")
    first = a_customer(lanes, "in", "a", XERO)
    a_customer(lanes, "back", "c", MAILER)
    with lanes() as uow:
        [customer] = uow.flows.customers([first]).values()
        assert not uow.flows.is_overtaken(customer, ["back"])

    a_customer(lanes, "back", "b", MAILER)

    later = a_customer(lanes, "in", "a", XERO)
    with lanes() as uow:
        assert uow.flows.is_overtaken(customer, ["back"])
        assert not uow.flows.is_overtaken(customer, ["else"])
        assert not uow.flows.is_overtaken(customer, [])
        assert not uow.flows.is_overtaken(uow.flows.customers([later])[later], ["back"])


def test_declared_flows_come_back_as_they_were_saved(units_of_work: SqlUnitsOfWork) -> None:
    """With their map; one that is not declared any more is gone."""
    terms = {"statuses": ("paid",), "date_from": NOW, "document": FlowDocument.INVOICE, "conflicts": Conflict.NEWEST}
    web = Flow("web", "501/fortnox", "501/jortt", field_map={"note": {"from": "record.x", "table": {"1": "a"}}}, **terms)
    with units_of_work() as uow:
        uow.configurations.save(a_configuration(flows={"web": web, "old": replace(web, name="old")}), {}, {})
        uow.configurations.save(a_configuration(flows={"web": web}), {}, {})
        uow.commit()

    with units_of_work() as uow:
        assert uow.configurations.current().flows == {"web": web}

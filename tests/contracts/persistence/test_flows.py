from dataclasses import replace
from datetime import timedelta

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.flows import FlowState, StoredCustomer
from domain.companies.flow import Flow
from tests.contracts.persistence.stock import NOW
from tests.factories import a_configuration

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


def test_declared_flows_come_back_as_they_were_saved(units_of_work: SqlUnitsOfWork) -> None:
    """With their map; one that is not declared any more is gone."""
    web = Flow(
        "web", "501/fortnox", "501/jortt", statuses=("paid",), date_from=NOW, field_map={"note": {"from": "record.x", "table": {"1": "a"}}}
    )
    with units_of_work() as uow:
        uow.configurations.save(a_configuration(flows={"web": web, "old": replace(web, name="old")}), {}, {})
        uow.configurations.save(a_configuration(flows={"web": web}), {}, {})
        uow.commit()

    with units_of_work() as uow:
        assert uow.configurations.current().flows == {"web": web}

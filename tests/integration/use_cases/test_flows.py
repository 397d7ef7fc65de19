"""Flows: what is read, taken, handed on and passed over; on SQLite and PostgreSQL."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from application.ports.destination import OrderDocument
from application.ports.quarantine import IncomingMessage
from application.ports.remote_links import RemoteLink
from application.use_cases.accept_messages import AcceptMessages
from application.use_cases.run_flow import RunFlow
from domain.companies.flow import Flow
from domain.delivery.outcome import Delivered
from domain.errors import DomainError, NotFound
from tests.fakes.sources import a_source_order
from tests.integration.use_cases.flow_house import FLOW, FORTNOX, JORTT, FlowHouse, taken


def test_an_order_is_taken_once_and_owed_to_the_target_alone(flowing: FlowHouse) -> None:
    """It is never invoiced, whatever the plan of the company says."""
    flowing.source.orders = [a_source_order()]

    reports = [flowing.run() for _ in range(3)]

    assert [taken(report) for report in reports] == [["in-17"], [], []]
    assert reports[-1].known == 1
    assert flowing.house.decisions() == {"in-17": "from_flow"}
    assert [(each.integration, each.subject) for each in flowing.house.deliveries()] == [(JORTT, "order")]
    assert flowing.house.run() == ()


def test_the_target_gets_the_order_with_its_prices(flowing: FlowHouse) -> None:
    """As an order of an order management system would come."""
    seen: list[OrderDocument] = []

    def plan(consignment: Any) -> Delivered:
        seen.append(consignment.document)
        return Delivered("remote")

    flowing.house.destinations.one.plan = plan
    flowing.source.orders = [a_source_order(price="12.345")]
    flowing.run()
    flowing.house.drain(JORTT)

    assert flowing.house.states() == ["delivered"]
    assert (seen[0].order.source, str(seen[0].totals.total), seen[0].order.billing.name) == ("flow:in", "30.86", "Åsa Öberg")


def test_a_change_at_the_source_is_a_newer_version_and_no_second_delivery(flowing: FlowHouse) -> None:
    """What is there is there: the target's own word counts for it."""
    flowing.source.orders = [a_source_order()]
    flowing.run()
    flowing.source.orders = [a_source_order(price="90.00")]

    assert taken(flowing.run()) == ["in-17"]
    assert len(flowing.house.deliveries()) == 1


def test_an_order_that_is_cancelled_there_before_it_is_delivered_is_not_delivered(flowing: FlowHouse) -> None:
    """It is taken again for that, although nothing cancelled is wanted."""
    flowing.source.orders = [a_source_order()]
    flowing.run()
    cancelled = {"status": 128, "status_name": "Cancelled"}
    flowing.source.orders = [a_source_order(statuses=frozenset({"cancelled"}), fields=cancelled)]
    flowing.run()
    flowing.house.drain(JORTT)

    assert flowing.house.states() == ["skipped"]


def test_what_we_wrote_there_is_not_taken_up(flowing: FlowHouse) -> None:
    """By the mark it carries, by a link, or by a delivery that is owed there, even before anything was written."""
    flowing.declare(FLOW, Flow("back", JORTT, FORTNOX))
    with flowing.house.units_of_work() as uow:
        uow.remote_links.put("fortnox:1000", [RemoteLink("fortnox_order", "billhook:order:x:1", "2")], flowing.house.clock.now())
        uow.commit()
    flowing.source.orders = [a_source_order("5")]
    flowing.run_flow(RunFlow("back"))
    marked, linked = a_source_order("1", is_ours=True), a_source_order("2")
    owed = a_source_order("3", reference="back-5")
    flowing.source.orders = [marked, linked, owed, a_source_order("4", reference="back-6")]

    report = flowing.run()

    assert (report.ours, taken(report)) == (3, ["in-4"])


def test_dates_and_statuses_choose_what_is_taken(flowing: FlowHouse) -> None:
    """Cancelled orders are left out unless they are asked for; other terms look at everything anew."""
    orders = [a_source_order(status, statuses=frozenset({status})) for status in ("open", "sent", "cancelled")]
    flowing.source.orders = [*orders, a_source_order("old", made_on=datetime(2026, 10, 1, tzinfo=UTC).date())]
    flowing.declare(replace(FLOW, statuses=("Sent",), date_from=datetime(2026, 11, 1, tzinfo=UTC)))
    assert taken(flowing.run()) == ["in-sent"]

    flowing.declare(FLOW)

    assert taken(flowing.run()) == ["in-open", "in-old"]


def test_a_run_takes_at_most_its_amount_and_the_next_goes_on(flowing: FlowHouse) -> None:
    """Nothing is left out, and nothing comes twice."""
    flowing.declare(replace(FLOW, amount_per_run=4))
    flowing.source.orders = [a_source_order(str(number)) for number in range(10)]

    runs = [taken(flowing.run()) for _ in range(4)]

    assert [len(run) for run in runs] == [4, 4, 2, 0]
    assert len({ref for run in runs for ref in run}) == 10


def test_a_value_without_an_entry_stops_the_order_until_the_table_has_it(flowing: FlowHouse) -> None:
    """The value and the table are named; the others go on, and it is tried again until it works."""
    table = {"payment_type": {"from": "record.terms", "table": {"30": "invoice"}}}
    flowing.declare(replace(FLOW, field_map=table))
    flowing.source.orders = [a_source_order("1", record={"terms": "30"}), a_source_order("2", record={"terms": "14"})]

    first, second = flowing.run(), flowing.run()
    assert (taken(first), taken(second)) == (["in-1"], [])
    [problem] = second.problems
    assert problem.startswith("order N-2: flows[in].field_map.payment_type: The table has no entry for '14'")
    assert flowing.state().problem == problem
    [incident] = flowing.incidents()
    assert (incident.cause.partition(":")[0], incident.subject, incident.company) == ("flow_failing", "flow:in", "501")
    assert "could not take order N-2: flows[in].field_map.payment_type: The table has no entry for '14'" in incident.text

    flowing.declare(replace(FLOW, field_map={"payment_type": {"from": "record.terms", "table": {"30": "invoice", "14": "card"}}}))
    assert "in-2" in taken(flowing.run())
    assert flowing.state().problem == ""
    assert flowing.incidents() == []


def test_each_reason_is_told_by_itself_and_is_over_by_itself(flowing: FlowHouse) -> None:
    """A second value in no table is news while the first one is still missing; more orders with the same are not."""
    table = {"30": "invoice"}
    flowing.declare(replace(FLOW, field_map={"payment_type": {"from": "record.terms", "table": table}}))
    flowing.source.orders = [a_source_order("1", record={"terms": "14"}), a_source_order("2", record={"terms": "14"})]
    flowing.run()
    [first] = flowing.incidents()
    assert "could not take order N-1, order N-2: " in first.text

    flowing.source.orders += [a_source_order("3", record={"terms": "7"}), a_source_order("4", record={"terms": "14"})]
    flowing.run()
    told = [each.text.partition("no entry for ")[2][:4].strip("';") for each in flowing.incidents()]
    assert told == ["14", "7"]

    more = {**table, "14": "card"}
    flowing.declare(replace(FLOW, field_map={"payment_type": {"from": "record.terms", "table": more}}))
    flowing.run()
    [left] = flowing.incidents()
    assert "no entry for '7'" in left.text


def test_a_reason_is_not_over_because_a_run_did_not_come_so_far(flowing: FlowHouse) -> None:
    """What a run leaves for the next one may still be wrong."""
    table = {"payment_type": {"from": "record.terms", "table": {"30": "invoice"}}}
    flowing.declare(replace(FLOW, field_map=table, amount_per_run=1))
    flowing.source.page_size = 1
    flowing.source.orders = [a_source_order(str(number), record={"terms": terms}) for number, terms in enumerate(("14", "30", "30", "30"))]
    open_after = []
    for _ in range(5):
        flowing.run()
        open_after.append(len(flowing.incidents()))

    assert open_after == [1] * 5


def test_a_flow_that_cannot_go_on_tells_the_next_step_of_what_stops_it(flowing: FlowHouse) -> None:
    """Not what would help with an order; it is over with the next run, whatever that could not take."""
    flowing.source.failures = [DomainError("needs_reauth", "501/fortnox is not connected.", "Connect it: billhook connect fortnox")]
    with pytest.raises(DomainError):
        flowing.run()
    [stopped] = flowing.incidents()
    assert (stopped.cause, stopped.text) == (
        "flow_stopped",
        "The flow in from 501/fortnox to 501/jortt stopped: 501/fortnox is not connected.",
    )
    assert stopped.next_step == "Connect it: billhook connect fortnox. The flow goes on by itself."

    flowing.source.orders = [a_source_order(fields={"currency_code": "XXX"})]
    flowing.run()

    assert [each.cause.partition(":")[0] for each in flowing.incidents()] == ["flow_failing"]


def test_a_customer_without_a_country_is_named_as_the_reason_why_there_is_no_tax(flowing: FlowHouse) -> None:
    """The number of the line alone helps nobody."""
    flowing.source.orders = [a_source_order(fields={"billing_country_code": "", "shipping_country_code": ""})]

    [problem] = flowing.run().problems

    assert problem.startswith("order N-17: It cannot be handed on: no tax for ")
    assert problem.endswith("; its customer has no country.")


def test_defaults_forced_values_and_conditions_of_a_map(flowing: FlowHouse) -> None:
    """Each field of the order can have its own; the lines follow the order's."""
    field_map = {
        "billing_city": {"from": "order.nothing", "default": "Solna"},
        "customer_name": {"from": "order.customer_name", "default": "Webbkund", "force": True},
        "shipping_method": [{"value": "Brev", "when": {"path": "order.billing_country_code", "equals": "SE"}}, {"value": "Paket"}],
        "items[].sku": {"from": "order.items[].description", "functions": ["upper"]},
    }
    flowing.declare(replace(FLOW, field_map=field_map))
    flowing.source.orders = [a_source_order()]

    message = json.loads(flowing.run().taken[0].body)

    assert (message["billing_city"], message["customer_name"], message["shipping_method"]) == ("Solna", "Webbkund", "Brev")
    assert (message["items"][0]["sku"], message["items"][0]["unit_cost_price"]) == ("MUGG", "100.00")


def test_a_constant_of_the_lines_is_on_each_line(flowing: FlowHouse) -> None:
    """It reads no list, and so follows the lines of the order."""
    flowing.declare(replace(FLOW, field_map={"items[].sku": {"value": "MUG"}, "items[].nominal_code": "order.customer_name"}))
    lines = [{"ref": ref, "quantity": "1", "unit_cost_price": "1.00", "sale_vat_rate": "0.25"} for ref in "ab"]
    flowing.source.orders = [a_source_order(fields={"items": lines})]

    items = json.loads(flowing.run().taken[0].body)["items"]

    assert [(item["ref"], item["sku"], item["nominal_code"]) for item in items] == [("a", "MUG", "Åsa Öberg"), ("b", "MUG", "Åsa Öberg")]


def test_an_order_that_cannot_be_priced_is_a_problem(flowing: FlowHouse) -> None:
    """It would stop at the target; here the reason is told."""
    flowing.source.orders = [a_source_order(fields={"currency_code": "XXX"})]

    assert flowing.run().problems == ["order N-17: It cannot be handed on: no known currency (XXX)."]
    assert flowing.house.deliveries() == []


def test_a_dry_run_takes_nothing(flowing: FlowHouse) -> None:
    """It tells what would be taken."""
    flowing.source.orders = [a_source_order()]

    report = flowing.run_flow(RunFlow("in", dry_run=True))

    assert (taken(report), flowing.house.decisions()) == (["in-17"], {})


def test_no_message_from_outside_may_say_that_it_came_with_a_flow(flowing: FlowHouse) -> None:
    """It would be handed on unasked: it is set aside."""
    body = json.dumps({"ref": "in-17", "company_ref_id": "501"}).encode()

    accepted = flowing.house.accept_messages(AcceptMessages([IncomingMessage(body, type="flow:in")]))

    assert (accepted.accepted, accepted.quarantined) == (0, 1)


def test_a_flow_that_is_not_declared_is_not_run(flowing: FlowHouse) -> None:
    """The next step names the list."""
    with pytest.raises(NotFound):
        flowing.run_flow(RunFlow("out"))

"""Lanes take turns: a company with a mountain of documents delays nobody; on SQLite and PostgreSQL."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from application.ports.deliveries import Delivery, Owed
from application.ports.destination import Consignment
from application.use_cases.drain_lane import DrainLane, DrainLaneHandler
from application.use_cases.sweep import Sweep, SweepHandler
from domain.delivery.outcome import Delivered, Outcome
from tests.factories import a_company, a_configuration, an_integration
from tests.integration.use_cases.house import LANE, House

MOUNTAIN = 50_000


class Parcels:
    """Stands in for the consignments of documents that were never issued: each is known by its lane."""

    def load(self, batch: Sequence[Delivery]) -> list[Consignment]:
        nothing: Any = None
        return [Consignment(delivery.delivery_id, delivery.integration, nothing) for delivery in batch]


def a_worker(house: House, **changes: Any) -> DrainLaneHandler:
    return replace(house.a_worker("worker-1"), **{"consignments": Parcels(), "slice_s": 0.001, **changes})


def owe(house: House, lane: str, count: int) -> None:
    with house.units_of_work() as uow:
        uow.deliveries.owe([Owed(lane, "invoice", number) for number in range(count)], house.clock.now())
        uow.commit()


def test_one_company_with_50_000_documents_delays_no_other(house: House) -> None:
    """After the first round the others are done, and the large one has had one slice like everybody; so it goes round by round."""
    others = [f"{ref}/pdf_emailer" for ref in range(502, 510)]
    house.configure(a_configuration(*(a_company(ref=str(ref)) for ref in range(501, 510)), revision=2))
    owe(house, LANE, MOUNTAIN)
    for lane in others:
        owe(house, lane, 5)
    sweep = SweepHandler(house.units_of_work, house.hints, house.clock)
    worker = a_worker(house)

    rounds = []
    last = ""
    for _ in range(3):
        lanes = sweep(Sweep(last)).lanes
        last = lanes[-1]
        rounds.append({lane: worker(DrainLane(lane)) for lane in lanes})

    assert rounds[0] == {LANE: worker.batch_size, **dict.fromkeys(others, 5)}
    assert rounds[1:] == [{LANE: worker.batch_size}] * 2
    assert house.destinations.one.arrived[:15] == [LANE] * 10 + [others[0]] * 5


def test_new_work_of_others_comes_before_the_second_slice_of_the_mountain(house: House) -> None:
    """Each sweep goes on behind the lane where the one before ended."""
    house.configure(a_configuration(a_company(ref="501"), a_company(ref="502"), revision=2))
    owe(house, LANE, 1000)
    sweep = SweepHandler(house.units_of_work, house.hints, house.clock)
    worker = a_worker(house)

    worker(DrainLane(*sweep(Sweep()).lanes))
    owe(house, "502/pdf_emailer", 1)

    assert sweep(Sweep(LANE)).lanes == ("502/pdf_emailer", LANE)


def test_a_weight_makes_the_slice_longer(house: House) -> None:
    """An integration of weight 10 gets ten slices in one turn."""
    heavy = an_integration(name="heavy", weight=10)
    light = an_integration(name="light")
    house.configure(a_configuration(integrations={each.path: each for each in (heavy, light)}, revision=2))
    owe(house, heavy.path, 500)
    owe(house, light.path, 500)
    house.destinations.one.plan = _slowly
    worker = a_worker(house, slice_s=0.05, batch_size=1)

    settled = [worker(DrainLane(each.path)) for each in (light, heavy)]

    assert settled[0] < settled[1] / 3


def _slowly(_consignment: Consignment) -> Outcome:
    """A partner who takes 5 ms for each document."""
    ends_at = time.monotonic() + 0.005
    while time.monotonic() < ends_at:
        pass
    return Delivered("remote")


def test_a_fourth_lane_of_one_company_waits_for_its_turn(house: House) -> None:
    """Nothing is done to it, and it is due for the next sweep."""
    integrations = [an_integration(name=name) for name in ("a", "b", "c", "d")]
    house.configure(a_configuration(integrations={each.path: each for each in integrations}, revision=2))
    fourth = integrations[3].path
    owe(house, fourth, 1)
    worker = a_worker(house)
    with house.units_of_work() as uow:
        now = house.clock.now()
        held = [uow.deliveries.take_lease(each.path, "worker-2", now, now.replace(year=2030)) for each in integrations[:3]]
        uow.commit()

    refused = worker(DrainLane(fourth))
    with house.units_of_work() as uow:
        for lease in filter(None, held):
            uow.deliveries.release_lease(lease)
        uow.commit()

    assert (refused, worker(DrainLane(fourth))) == (0, 1)

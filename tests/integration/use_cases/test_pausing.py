"""Pausing and resuming: nothing new is begun, nothing is lost; on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from application.ports.audit_log import AuditFilter
from application.ports.pauses import PauseScope, Stop
from application.queries.list_lanes import ListLanesHandler
from application.queries.list_pauses import ListPausesHandler
from application.queries.summarise_lanes import SummariseLanesHandler
from application.use_cases.execute_run import ExecuteRun
from application.use_cases.pause_work import PauseWork, PauseWorkHandler
from application.use_cases.resume_work import Resumed, ResumeWork, ResumeWorkHandler
from domain.companies.plan import Layout
from domain.errors import Conflict, Invalid, NotFound
from entrypoints.intake import IntakePermission
from tests.factories import a_company, a_configuration, a_plan
from tests.integration.use_cases.house import LANE, House, a_message


@pytest.fixture
def an_order(house: House) -> House:
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(a_message("1"))
    return house


def pause(house: House, scope: PauseScope, subject: str = "", **changes: object) -> None:
    stop = Stop(scope, subject, "because", "ann", **changes)  # type: ignore[arg-type]
    PauseWorkHandler(house.units_of_work, house.clock)(PauseWork(stop))


def resume(house: House, scope: PauseScope, subject: str = "") -> Resumed:
    return ResumeWorkHandler(house.units_of_work, house.hints, house.clock)(ResumeWork(scope, subject, "ann"))


def test_a_paused_company_is_not_invoiced_until_it_is_resumed(an_order: House) -> None:
    """A run that was due stays due."""
    with an_order.units_of_work() as uow:
        run_id = uow.runs.add("501", "slot", an_order.clock.now()) or 0
        uow.commit()
    pause(an_order, PauseScope.COMPANY, "501")

    held = an_order.execute_run(ExecuteRun(run_id))
    with pytest.raises(Conflict, match="paused by ann: because") as refusal:
        an_order.run()
    resume(an_order, PauseScope.COMPANY, "501")
    done = an_order.execute_run(ExecuteRun(run_id))

    assert refusal.value.next_step == "billhook resume --company 501"
    assert (held.issued, done.issued) == ((), (1,))


def test_a_paused_lane_delivers_nothing_until_its_time(an_order: House) -> None:
    """Not even where a hint comes from before the pause; it goes on by itself at the end."""
    an_order.run()
    pause(an_order, PauseScope.INTEGRATION, LANE, until=an_order.clock.now() + timedelta(hours=1))

    during = an_order.drain()
    an_order.clock.advance(hours=1)

    assert (during, an_order.drain()) == (0, 1)
    assert an_order.destinations.one.arrived == ["dlv-1-0"]


def test_a_pause_in_the_middle_of_a_lane_finishes_what_is_in_hand(house: House) -> None:
    """The batch that was begun is delivered; the next is not claimed."""
    house.configure(a_configuration(a_company(plan=a_plan(layout=Layout.INDIVIDUAL)), revision=2))
    house.feed(*(a_message(str(ref)) for ref in range(12)))
    house.run()
    default = house.destinations.one.plan

    def plan(consignment: object) -> object:
        pause(house, PauseScope.FLEET)
        return default(consignment)  # type: ignore[arg-type]

    house.destinations.one.plan = plan  # type: ignore[assignment]

    assert house.drain() == 10
    assert house.states() == ["delivered"] * 10 + ["pending"] * 2
    house.destinations.one.plan = default
    resume(house, PauseScope.FLEET)
    assert house.drain() == 2
    assert house.problems() == []


def test_resuming_wakes_lanes_that_rest_after_a_failure(an_order: House) -> None:
    """Although nobody had paused them: somebody has mended what was wrong. The lane list told why they rest."""
    an_order.run()
    an_order.destinations.one.refuses_to_open = "no route to host"
    an_order.drain()

    [resting] = ListLanesHandler(an_order.units_of_work, an_order.clock)("", 10)
    an_order.destinations.one.refuses_to_open = ""
    woken = resume(an_order, PauseScope.COMPANY, "501").woken

    assert (resting.state, resting.reason) == ("resting", "no route to host")
    assert woken == (LANE,)
    assert an_order.drain() == 1


@pytest.mark.parametrize(("scope", "subject", "stops"), [("queue", "intake", True), ("fleet", "", True), ("queue", "delivery", False)])
def test_a_paused_intake_may_take_no_messages(house: House, scope: str, subject: str, stops: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor where all is paused; what else is paused does not matter to it."""
    monkeypatch.setattr("entrypoints.intake._ASKED_EVERY_S", 0.0)
    may_go_on = IntakePermission(house.units_of_work, house.clock)

    before = may_go_on()
    pause(house, PauseScope(scope), subject)
    during = may_go_on()
    resume(house, PauseScope(scope), subject)

    assert (before, during, may_go_on()) == (True, not stops, True)


def test_whether_messages_may_be_taken_is_asked_once_a_second(house: House) -> None:
    """In between the last answer counts, so that a busy intake costs the database nothing more."""
    may_go_on = IntakePermission(house.units_of_work, house.clock)

    before = may_go_on()
    pause(house, PauseScope.FLEET)

    assert (before, may_go_on()) == (True, True)


def test_lanes_are_summed_up(an_order: House) -> None:
    """As the doctor shows them; what is paused does not count as resting, too."""
    an_order.run()
    an_order.destinations.one.refuses_to_open = "no route to host"
    an_order.drain()
    summarise = SummariseLanesHandler(an_order.units_of_work, an_order.clock)

    resting = summarise()
    pause(an_order, PauseScope.VENDOR, "pdf_emailer")
    paused = summarise()

    assert (resting.lanes, resting.resting, resting.paused, resting.open_deliveries) == (1, 1, 0, 1)
    assert (resting.oldest_lane, resting.oldest_at) == (LANE, an_order.clock.now())
    assert (paused.resting, paused.paused) == (0, 1)


def test_what_does_not_exist_cannot_be_paused(house: House) -> None:
    """A mistyped pause would stop nothing; an end in the past neither."""
    house.configure(a_configuration(revision=2))

    with pytest.raises(NotFound, match="502"):
        pause(house, PauseScope.COMPANY, "502")
    with pytest.raises(NotFound, match="mail"):
        pause(house, PauseScope.QUEUE, "mail")
    with pytest.raises(Invalid, match="past"):
        pause(house, PauseScope.FLEET, until=house.clock.now())


def test_who_pauses_what_is_paused_is_told_whose_pause_that_was(house: House) -> None:
    """Two operators see each other; the newer reason counts, and the log keeps the older one."""
    handler = PauseWorkHandler(house.units_of_work, house.clock)
    first = handler(PauseWork(Stop(PauseScope.FLEET, "", "move", "ann")))
    second = handler(PauseWork(Stop(PauseScope.FLEET, "", "longer", "ben")))

    assert first.instead_of is None
    assert second.instead_of is not None
    assert (second.instead_of.actor, second.instead_of.reason, second.pause.reason) == ("ann", "move", "longer")
    with house.units_of_work() as uow:
        assert [pause.reason for pause in uow.pauses.open(house.clock.now())] == ["longer"]
        assert uow.audit.about("fleet")[-1].detail == "instead of: The fleet was paused by ann: move"


def test_what_is_stopped_is_listed_page_by_page(an_order: House) -> None:
    """People's pauses first, then the lanes that rest; the key of each leads on."""
    an_order.run()
    an_order.destinations.one.refuses_to_open = "no route to host"
    an_order.drain()
    pause(an_order, PauseScope.COMPANY, "501")
    pause(an_order, PauseScope.FLEET)
    listed = ListPausesHandler(an_order.units_of_work, an_order.clock)

    pages = [listed(after, 1) for after in ("", "pse_1", "pse_2", LANE)]

    assert [[each.key for each in page] for page in pages] == [["pse_1"], ["pse_2"], [LANE], []]
    assert [each.key for each in listed()] == ["pse_1", "pse_2", LANE]


def test_pausing_and_resuming_are_in_the_audit_log(house: House) -> None:
    """Newest first, with who and why."""
    house.configure(a_configuration(revision=2))
    pause(house, PauseScope.COMPANY, "501")
    resume(house, PauseScope.COMPANY, "501")

    with house.units_of_work() as uow:
        entries = [row.entry for row in uow.audit.list(AuditFilter(subject="company:501"), 0, 10)]
        [older] = uow.audit.list(AuditFilter(action="paused"), 0, 10)
        beyond = uow.audit.list(AuditFilter(), older.entry_id, 10)

    assert [(entry.action, entry.actor, entry.reason) for entry in entries] == [("resumed", "ann", ""), ("paused", "ann", "because")]
    assert list(beyond) == []

"""Incidents and their notices."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update

from adapters.persistence.tables import deliveries
from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.ports.deliveries import Owed
from application.ports.incidents import Sighting
from domain.delivery.incident import QUIET, Incident, IncidentEvent
from tests.contracts.persistence.stock import MAILER, NOW, seconds

SIGHTING = Sighting("needs_reauth", MAILER, "501", "ops@acme.example", "", "It is not connected.", "Connect it.")
LATER = NOW + seconds(60)


def note(units_of_work: SqlUnitsOfWork, sighting: Sighting = SIGHTING, at: datetime = NOW) -> Incident:
    with units_of_work() as uow:
        incident, _ = uow.incidents.note(sighting, at)
        uow.commit()
    return incident


def test_one_cause_of_one_subject_is_one_incident(units_of_work: SqlUnitsOfWork) -> None:
    """Seen again it is counted up, and says what it said first; other causes and subjects have their own."""
    opened = note(units_of_work)
    with units_of_work() as uow:
        counted, is_new = uow.incidents.note(replace(SIGHTING, text="Other words.", count=3), LATER)
        other, other_is_new = uow.incidents.note(replace(SIGHTING, cause="day_limit"), LATER)
        elsewhere, _ = uow.incidents.note(replace(SIGHTING, subject="777/xero"), LATER)
        uow.commit()

    with units_of_work() as uow:
        assert counted == replace(opened, count=4, last_seen_at=LATER)
        assert (is_new, other_is_new) == (False, True)
        assert list(uow.incidents.open_about(MAILER)) == [counted, other]
        assert list(uow.incidents.list(counted.incident_id, 1, open_only=True)) == [other]
        assert list(uow.incidents.list(other.incident_id, 9, open_only=False)) == [elsewhere]


def test_what_is_over_begins_anew_when_it_is_seen_again(units_of_work: SqlUnitsOfWork) -> None:
    """It is resolved once, and kept."""
    first = note(units_of_work)
    with units_of_work() as uow:
        resolved = [uow.incidents.resolve(first, LATER), uow.incidents.resolve(first, LATER)]
        uow.commit()
    second = note(units_of_work, at=LATER + QUIET)

    with units_of_work() as uow:
        kept = uow.incidents.list(0, 9, open_only=False)
        assert resolved == [True, False]
        assert list(kept) == [replace(first, resolved_at=LATER), second]
        assert list(uow.incidents.list(0, 9, open_only=True)) == [second]
        assert not uow.incidents.remind(first, LATER)


def test_what_is_seen_again_at_once_was_never_over(units_of_work: SqlUnitsOfWork) -> None:
    """Until it has been over for the quiet time; nobody is told of its end meanwhile."""
    first = note(units_of_work)
    with units_of_work() as uow:
        uow.incidents.resolve(first, LATER)
        uow.commit()
    again = note(units_of_work, at=LATER + QUIET - seconds(1))

    assert again == replace(first, count=first.count + 1, last_seen_at=LATER + QUIET - seconds(1))
    with units_of_work() as uow:
        assert list(uow.incidents.list(0, 9, open_only=False)) == [again]
        assert list(uow.incidents.ended(LATER + QUIET, 9)) == []


def test_a_reminder_is_given_by_one(units_of_work: SqlUnitsOfWork) -> None:
    """Of two that look at the same row, the second finds it done."""
    incident = note(units_of_work)
    with units_of_work() as uow:
        assert [uow.incidents.remind(incident, LATER), uow.incidents.remind(incident, LATER)] == [True, False]
        [reminded] = uow.incidents.open_about(MAILER)
        assert uow.incidents.remind(reminded, LATER + seconds(1))


def test_deliveries_that_need_a_person_are_counted_by_their_cause(lanes: SqlUnitsOfWork) -> None:
    """Those of the integration that are not settled; a code that begins alike is another."""
    incident = note(lanes, replace(SIGHTING, cause="delivery_refused:account"))
    errors = ["account: no", "account: none", "account_missing: no", "tax%: no"]
    with lanes() as uow:
        uow.deliveries.owe([Owed(MAILER, "order", id_) for id_ in range(1, 6)], NOW)
        for id_, error in enumerate(errors, start=1):
            stopped = {"state": "needs_human", "due_at": None, "last_error": error}
            uow._connection.execute(update(deliveries).where(deliveries.c.id == id_).values(stopped))  # type: ignore[union-attr]
        uow.commit()

    with lanes() as uow:
        assert uow.incidents.deliveries_left(incident) == 2
        assert uow.incidents.deliveries_left(replace(incident, cause="delivery_refused:tax_")) == 0
        assert uow.incidents.is_waited_for(incident)
        assert not uow.incidents.is_waited_for(replace(incident, subject="501/xero"))
        uow.incidents.recount(incident, 2)
        assert [each.count for each in uow.incidents.open_about(MAILER)] == [2]


def test_notices_of_one_incident_come_in_order(units_of_work: SqlUnitsOfWork) -> None:
    """The next one is due when the one before is posted or given up; other incidents do not wait for it."""
    first, second = note(units_of_work), note(units_of_work, replace(SIGHTING, cause="day_limit"))
    with units_of_work() as uow:
        for incident, event in ((first, IncidentEvent.OPENED), (first, IncidentEvent.RESOLVED), (second, IncidentEvent.OPENED)):
            uow.incidents.add_notice(incident, event, NOW)
        one, other = uow.incidents.due_notices(NOW, 10)
        uow.incidents.put_off(one, LATER, "503")
        uow.incidents.posted(other, NOW)
        waiting = uow.incidents.due_notices(NOW, 10)
        [again] = uow.incidents.due_notices(LATER, 10)
        uow.incidents.put_off(again, None, "503")
        [last] = uow.incidents.due_notices(LATER, 10)
        uow.incidents.drop_notices(LATER)
        none = uow.incidents.due_notices(LATER, 10)

    assert [(one.event, one.incident), (other.event, other.incident)] == [("opened", first), ("opened", second)]
    assert (list(waiting), again.notice_id, again.attempts, last.event, list(none)) == ([], one.notice_id, 1, "resolved", [])

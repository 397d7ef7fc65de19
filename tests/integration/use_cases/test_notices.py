"""The webhook is told of incidents in order, until it has taken each."""

from collections.abc import Mapping
from typing import Any

from application.incidents import about, resolve, tell, tell_end
from application.use_cases.post_notices import ATTEMPTS_MAX, PostNotices, PostNoticesHandler
from domain.errors import TemporaryFailure
from tests.factories import an_integration
from tests.integration.use_cases.house import LANE, House


class RememberedWebhook:
    """The port ``Webhook``; takes nothing while ``is_away``."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.is_away = False

    def post(self, event: Mapping[str, Any]) -> None:
        if self.is_away:
            raise TemporaryFailure("The webhook answered 503.")
        self.events.append(event)


def opened(house: House, cause: str = "host_key_changed") -> None:
    with house.units_of_work() as uow:
        tell(uow, about(an_integration(), cause, "The host key is another one.", "Compare it."), house.clock.now())
        uow.commit()


def resolved(house: House) -> None:
    with house.units_of_work() as uow:
        for incident in uow.incidents.open_about(LANE):
            resolve(uow, incident, house.clock.now())
        for incident in uow.incidents.ended(house.clock.now(), 10):
            tell_end(uow, incident, house.clock.now())
        uow.commit()


def post(house: House, webhook: RememberedWebhook | None) -> int:
    handler = PostNoticesHandler(house.units_of_work, webhook, house.clock, house.telemetry, lambda: 0.0, "worker-1")
    return handler(PostNotices())


def told(webhook: RememberedWebhook) -> list[tuple[str, str]]:
    return [(event["event"], event["id"]) for event in webhook.events]


def test_an_event_says_all_that_is_known(house: House) -> None:
    """The shape is a contract with programs of others."""
    webhook = RememberedWebhook()
    opened(house)

    assert (post(house, webhook), post(house, webhook)) == (1, 0)

    [event] = webhook.events
    assert event == {
        "event": "opened",
        "at": "2026-11-21T12:00:00+00:00",
        "id": "inc_1",
        "cause": "host_key_changed",
        "subject": LANE,
        "text": "The host key is another one.",
        "next_step": "Compare it.",
        "count": 1,
        "opened_at": "2026-11-21T12:00:00+00:00",
    }


def test_events_wait_in_order_while_nobody_takes_them(house: House) -> None:
    """Longer each time; the second event of an incident does not overtake its first."""
    webhook = RememberedWebhook()
    webhook.is_away = True
    opened(house)
    post(house, webhook)
    resolved(house)
    webhook.is_away = False

    at_once = post(house, webhook)
    house.clock.advance(minutes=1)
    later = [post(house, webhook), post(house, webhook)]

    assert (at_once, later) == (0, [1, 1])
    assert told(webhook) == [("opened", "inc_1"), ("resolved", "inc_1")]
    assert house.telemetry.events[0][0] == "webhook_not_told"


def test_an_event_nobody_takes_for_days_is_given_up(house: House) -> None:
    """It does not hold back the next for ever."""
    webhook = RememberedWebhook()
    webhook.is_away = True
    opened(house)
    for _ in range(ATTEMPTS_MAX):
        post(house, webhook)
        house.clock.advance(hours=5)
    resolved(house)
    webhook.is_away = False

    post(house, webhook)

    assert told(webhook) == [("resolved", "inc_1")]


def test_without_a_webhook_nothing_waits_for_one(house: House) -> None:
    """Whoever sets one later is not told of what was."""
    opened(house)

    post(house, None)

    webhook = RememberedWebhook()
    assert (post(house, webhook), webhook.events) == (0, [])


def test_one_posts_at_a_time(house: House) -> None:
    """While another worker has the lane, nothing is posted twice."""
    webhook = RememberedWebhook()
    opened(house)
    with house.units_of_work() as uow:
        now = house.clock.now()
        lease = uow.deliveries.take_lease("webhook", "worker-2", now, now.replace(hour=13))
        uow.commit()

    assert lease is not None
    assert post(house, webhook) == 0

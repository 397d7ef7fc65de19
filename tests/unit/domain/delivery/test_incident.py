"""When an incident is told, and what deliveries have in common."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.delivery.incident import CANNOT_TELL, Incident, cause_of_delivery, cause_of_failure, error_prefix

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INCIDENT = Incident(1, "needs_reauth", "501/xero", "501", "ops@acme.example", "", "Text.", "Step.", 1, NOW, NOW)


@pytest.mark.parametrize(
    ("code", "failures", "cause"),
    [
        ("needs_reauth", 1, "needs_reauth"),
        ("", 1, ""),
        ("", 4, ""),
        ("", 5, "lane_failing"),
        ("", 6, "lane_failing"),
        ("day_limit", 9, "day_limit"),
    ],
)
def test_what_may_pass_is_told_when_it_does_not(code: str, failures: int, cause: str) -> None:
    """After five in a row; what does not pass, at once."""
    assert cause_of_failure(code, failures) == cause


@pytest.mark.parametrize(
    ("last_error", "cause"),
    [
        ("account_missing: No account 200.", "delivery_refused:account_missing"),
        ("account_missing: Another: one.", "delivery_refused:account_missing"),
        ("Given up after 20 attempts: 503", "delivery_given_up"),
        (CANNOT_TELL, "delivery_cannot_tell"),
    ],
)
def test_deliveries_have_their_code_in_common(last_error: str, cause: str) -> None:
    """And are found by it again."""
    assert cause_of_delivery(last_error) == cause
    assert last_error.startswith(error_prefix(cause))


@pytest.mark.parametrize(
    ("reminded_after", "now", "wanted"),
    [(None, 23.9, False), (None, 24, True), (24, 47.9, False), (24, 48, True)],
)
def test_a_reminder_comes_once_a_day(reminded_after: float | None, now: float, wanted: bool) -> None:
    """Counted from the last time it was told."""
    incident = INCIDENT
    if reminded_after is not None:
        incident = Incident(1, "c", "s", "501", "", "", "", "", 1, NOW, NOW, NOW + timedelta(hours=reminded_after))

    assert incident.is_to_be_reminded(NOW + timedelta(hours=now)) is wanted


def test_what_is_over_is_not_reminded_of() -> None:
    """However long it lasted."""
    over = Incident(1, "c", "s", "501", "", "", "", "", 1, NOW, NOW, None, NOW)

    assert not over.is_to_be_reminded(NOW + timedelta(days=9))

import pytest

from domain.delivery.state import OPEN, TRANSITIONS, DeliveryState, may_become

S = DeliveryState


def reachable_from(start: DeliveryState) -> set[DeliveryState]:
    """All states that some sequence of steps leads to."""
    found, frontier = {start}, [start]
    while frontier:
        new = TRANSITIONS[frontier.pop()] - found
        found |= new
        frontier += new
    return found


def test_every_state_has_its_steps() -> None:
    """The table is complete."""
    assert set(TRANSITIONS) == set(DeliveryState)


def test_every_state_is_reachable_from_the_first() -> None:
    """None is dead."""
    assert reachable_from(S.PENDING) == set(DeliveryState)


@pytest.mark.parametrize("state", DeliveryState)
def test_a_person_can_start_over_from_every_state(state: DeliveryState) -> None:
    """No delivery is stuck for good."""
    assert S.PENDING in reachable_from(state)


@pytest.mark.parametrize("state", [S.DELIVERED, S.SKIPPED, S.CANCELLED])
def test_what_is_over_can_only_be_started_over(state: DeliveryState) -> None:
    """Resend is the one way out."""
    assert TRANSITIONS[state] == {S.PENDING}


@pytest.mark.parametrize("state", DeliveryState)
def test_what_may_be_there_already_is_never_sent_again_without_a_look(state: DeliveryState) -> None:
    """From `unknown` and `delivered` no step leads straight to `in_flight`."""
    if state in {S.UNKNOWN, S.DELIVERED, S.NEEDS_HUMAN}:
        assert not may_become(state, S.IN_FLIGHT)
    assert may_become(state, S.IN_FLIGHT) == (state in {S.PENDING, S.WAITING})


def test_a_result_is_recorded_only_for_what_was_tried_or_found() -> None:
    """Nothing becomes `delivered` from `pending`."""
    assert {state for state in DeliveryState if may_become(state, S.DELIVERED)} == {S.IN_FLIGHT, S.UNKNOWN, S.NEEDS_HUMAN}


def test_what_is_in_flight_cannot_be_cancelled() -> None:
    """It may have arrived already."""
    assert not may_become(S.IN_FLIGHT, S.CANCELLED)


def test_open_deliveries_are_those_that_move_by_themselves() -> None:
    """The others wait for a person, or for nothing."""
    assert set(DeliveryState) - OPEN == {S.DELIVERED, S.NEEDS_HUMAN, S.SKIPPED, S.CANCELLED}

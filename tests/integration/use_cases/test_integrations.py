"""Integrations asked and previewed over a real database, with destinations that tests look into."""

from dataclasses import replace

import pytest

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from adapters.secrets.secret_box import AesGcmSecretBox
from application.queries.list_integrations import ListIntegrationsHandler
from application.queries.preview_delivery import PreviewDeliveryHandler
from application.use_cases.check_integrations import CheckIntegrations, CheckIntegrationsHandler
from domain.companies.integration import Integration
from domain.errors import DomainError, NotFound
from tests.factories import a_configuration
from tests.integration.use_cases.house import LANE, House, a_message

DROP = Integration("501", "generic_filesystem")


@pytest.fixture
def both(house: House) -> House:
    """The house with its mailer, and a drop of orders."""
    house.configure(a_configuration(integrations={LANE: a_configuration().integrations[LANE], DROP.path: DROP}))
    return house


def previewing(house: House) -> PreviewDeliveryHandler:
    return PreviewDeliveryHandler(house.units_of_work, house.translators, house.destinations)


def test_a_path_that_nothing_goes_by_stops_a_check_before_anything_is_asked(both: House) -> None:
    """Also where it stands behind others."""
    check = CheckIntegrationsHandler(both.units_of_work, both.destinations)

    with pytest.raises(NotFound):
        list(check(CheckIntegrations((LANE, "501/nothing"))))

    assert both.destinations.one.opened == 0


def test_what_cannot_be_opened_is_a_failed_check_with_a_next_step(both: House) -> None:
    """And the next integration is asked all the same."""
    both.destinations.one.refuses_to_open = "The server is away."

    checked = list(CheckIntegrationsHandler(both.units_of_work, both.destinations)(CheckIntegrations()))

    assert [(each.integration, each.ok) for each in checked] == [(DROP.path, False), (LANE, False)]
    (found,) = checked[0].checks
    assert (found.detail, bool(found.next_step)) == ("The server is away.", True)


def test_a_secret_that_cannot_be_read_is_a_failed_check(both: House) -> None:
    """It was sealed under another key: nothing is asked with half a log-in."""
    with both.units_of_work() as uow:
        uow.configurations.save(uow.configurations.current(), {}, {LANE: {"password": "secret"}})
        uow.commit()
    other = SqlUnitsOfWork(both.engine, AesGcmSecretBox("another key of more than thirty-two characters"))

    (checked,) = CheckIntegrationsHandler(other, both.destinations)(CheckIntegrations((LANE,)))

    assert not checked.ok
    assert both.destinations.one.opened == 0


def test_integrations_are_paged_by_path(both: House) -> None:
    """Each once."""
    listing = ListIntegrationsHandler(both.units_of_work, both.destinations)

    (first,) = listing("", 1)
    (second,) = listing(first.integration.path, 5)

    assert [first.integration.path, second.integration.path] == [DROP.path, LANE]
    assert (first.takes, second.takes) == (("order",), ("credit_note", "invoice"))


def test_a_preview_is_of_the_delivery_that_there_is(both: House) -> None:
    """With its token, so that a file has the name it will have; once it is delivered, the preview says so."""
    both.feed(a_message())
    waiting = previewing(both)(DROP.path, order="90001")
    both.drain(DROP.path)
    delivered = previewing(both)(DROP.path, order="90001")

    (delivery,) = both.deliveries()
    assert (waiting.text, waiting.hindrances) == (f"dlv-{delivery.delivery_id}-0", ())
    assert delivered.hindrances == (f"It has a delivery, dlv_{delivery.delivery_id}, which is delivered.",)


def test_a_preview_says_what_is_switched_off_or_starts_later(both: House) -> None:
    """The order is from 1 November."""
    both.feed(a_message())
    later = replace(DROP, enabled=False, starting_from=both.clock.now())
    both.configure(a_configuration(integrations={DROP.path: later}))

    off, starts = previewing(both)(DROP.path, order="90001").hindrances[:2]

    assert off == f"{DROP.path} is not enabled."
    assert starts.startswith(f"{DROP.path} starts with what is from 20")


def test_a_preview_of_a_destination_that_is_away_says_so(both: House) -> None:
    """It is no matter of our own database."""
    both.feed(a_message())
    both.destinations.one.refuses_to_open = "The server is away."

    with pytest.raises(DomainError) as refused:
        previewing(both)(DROP.path, order="90001")

    assert refused.value.code == "destination_away"
    assert f"integrations check {DROP.path}" in refused.value.next_step

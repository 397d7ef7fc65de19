"""A configured house on each database."""

from collections.abc import Iterator

import pytest

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from tests.factories import a_configuration
from tests.fakes.clock import SetClock
from tests.fakes.destination import InMemoryDestinations
from tests.fakes.task_queue import RememberedHints
from tests.fakes.telemetry import RememberedTelemetry
from tests.integration.use_cases.flow_house import FlowHouse
from tests.integration.use_cases.house import House


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Company 501 of acme-print, combined, with an e-mailer; nothing ordered yet."""
    engine = make_engine(database_url)
    migrate(engine)
    house = House(engine, SetClock(), InMemoryDestinations(), RememberedHints(), RememberedTelemetry())
    house.configure(a_configuration())
    yield house
    engine.dispose()


@pytest.fixture
def flowing(database_url: str) -> Iterator[FlowHouse]:
    flowing = FlowHouse(database_url)
    yield flowing
    assert flowing.house.problems() == []
    flowing.house.engine.dispose()

"""The Xero adapter with the fake at the other end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from tests.contracts.accounting.xero.house import CONTACT, XeroHouse
from tests.contracts.accounting.xero.shop import a_shop
from tests.fakes.clock import SetClock
from tests.fakes.xero import FakeXero
from tests.fakes.xero.fixtures import fake_xero, xero_clock
from tests.integration.use_cases.house import House

__all__ = ["fake_xero", "xero_clock"]


@pytest.fixture
def house(tmp_path: Path, xero_clock: SetClock, fake_xero: FakeXero) -> Iterator[XeroHouse]:
    """Connected to an organisation that has the contact."""
    engine = make_engine(f"sqlite:///{tmp_path / 'billhook.db'}")
    migrate(engine)
    organisation = fake_xero.add_organisation()
    organisation.add_contact(CONTACT)
    yield XeroHouse(engine, xero_clock, fake_xero, organisation)
    engine.dispose()


@pytest.fixture
def shop(house: XeroHouse) -> House:
    """The use cases over that house."""
    return a_shop(house)

"""The Fortnox adapter with the fake at the other end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from tests.contracts.accounting.fortnox.house import TENANT, FortnoxHouse
from tests.fakes.clock import SetClock
from tests.fakes.fortnox import FakeFortnox


@pytest.fixture
def clock() -> SetClock:
    """The one clock of both sides."""
    return SetClock()


@pytest.fixture
def house(tmp_path: Path, clock: SetClock) -> Iterator[FortnoxHouse]:
    """Connected to a company without customers. Neither side may have said anything against Fortnox's contract."""
    engine = make_engine(f"sqlite:///{tmp_path / 'billhook.db'}")
    migrate(engine)
    with FakeFortnox(clock) as fortnox:
        company = fortnox.add_company(TENANT)
        yield FortnoxHouse(engine, clock, fortnox, company)
    engine.dispose()
    assert not fortnox.crashes, "\n".join(fortnox.crashes)
    assert not fortnox.contract_violations, "\n".join(fortnox.contract_violations)
    assert fortnox.refused_calls == 0

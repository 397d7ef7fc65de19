"""The jortt adapter with the fake at the other end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from tests.contracts.accounting.jortt.house import JorttHouse
from tests.fakes.clock import SetClock
from tests.fakes.jortt.fake import FakeJortt
from tests.fakes.jortt.fixtures import jortt, jortt_clock

__all__ = ["jortt", "jortt_clock"]


@pytest.fixture
def house(tmp_path: Path, jortt_clock: SetClock, jortt: FakeJortt) -> Iterator[JorttHouse]:
    """Connected to an organisation without customers."""
    engine = make_engine(f"sqlite:///{tmp_path / 'billhook.db'}")
    migrate(engine)
    yield JorttHouse(engine, jortt_clock, jortt, jortt.add_organisation())
    engine.dispose()

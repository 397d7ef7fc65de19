"""The fake and a client of one company in it."""

from collections.abc import Iterator

import pytest

from tests.fakes.clock import SetClock
from tests.fakes.fortnox import FakeFortnox, fixtures
from tests.fakes.fortnox.caller import Caller

fake_fortnox = fixtures.fake_fortnox


@pytest.fixture
def clock() -> SetClock:
    """The time in the fake that has one."""
    return SetClock()


@pytest.fixture
def clocked_fortnox(clock: SetClock) -> Iterator[FakeFortnox]:
    """A Fortnox whose time stands still."""
    with FakeFortnox(clock) as fortnox:
        yield fortnox
    assert not fortnox.crashes, "\n".join(fortnox.crashes)


@pytest.fixture
def caller(fake_fortnox: FakeFortnox) -> Iterator[Caller]:
    """A client of a company with two articles."""
    fake_fortnox.add_company(articles={"MUG": "Mugg", "T-1": "Tröja"})
    with Caller(fake_fortnox) as caller:
        yield caller

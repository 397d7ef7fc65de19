"""Fixtures. A conftest that needs them imports them."""

from collections.abc import Iterator

import pytest

from tests.fakes.clock import SetClock
from tests.fakes.jortt.contract import Contract
from tests.fakes.jortt.fake import FakeJortt
from tests.services.specs import specs_folder

_LOADED: dict[str, Contract] = {}


@pytest.fixture
def jortt_clock() -> SetClock:
    """The time at the fake jortt."""
    return SetClock()


@pytest.fixture
def jortt(jortt_clock: SetClock) -> Iterator[FakeJortt]:
    """A fake jortt without a limit on requests. A breach of its contract by either side fails the test at its end."""
    with FakeJortt(jortt_clock.now, published_contract()) as server:
        server.limit.per_second = None
        yield server
        assert server.violations == []


def published_contract() -> Contract | None:
    """The contract, read once; None where the specs are not there."""
    folder = specs_folder()
    if folder is None:
        return None
    if str(folder) not in _LOADED:
        _LOADED[str(folder)] = Contract(folder)
    return _LOADED[str(folder)]

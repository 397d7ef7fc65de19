"""The fixture that other test modules import."""

from collections.abc import Iterator

import pytest

from tests.fakes.fortnox.server import FakeFortnox


@pytest.fixture
def fake_fortnox() -> Iterator[FakeFortnox]:
    """A Fortnox without companies. Afterwards it must be free of bugs of its own and of calls against the vendor's contract."""
    with FakeFortnox() as fortnox:
        yield fortnox
    assert not fortnox.crashes, "\n".join(fortnox.crashes)
    assert not fortnox.contract_violations, "\n".join(fortnox.contract_violations)

"""Fixtures. A conftest that needs them imports them."""

from collections.abc import Iterator

import pytest

from tests.fakes.vies.fake import FakeVies


@pytest.fixture
def vies() -> Iterator[FakeVies]:
    """A fake VIES. A message of either side that does not fit the schema fails the test at its end."""
    with FakeVies() as server:
        yield server
        assert server.violations == []

"""A fake jortt with one organisation, and a client that is logged in."""

from collections.abc import Iterator

import pytest
import requests

from tests.fakes.jortt.client import Client
from tests.fakes.jortt.fake import FakeJortt
from tests.fakes.jortt.fixtures import jortt, jortt_clock

__all__ = ["client", "jortt", "jortt_clock", "organisation", "session"]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.fixture
def organisation(jortt: FakeJortt):
    return jortt.add_organisation()


@pytest.fixture
def client(jortt: FakeJortt, organisation, session: requests.Session) -> Client:
    return Client.of_owner(jortt, organisation, session)

"""The fake, and an app that is connected to an organisation of it."""

import pytest

from tests.fakes.xero import FakeXero
from tests.fakes.xero.client import Client, client_of
from tests.fakes.xero.fixtures import fake_xero, xero_clock

__all__ = ["client", "fake_xero", "xero_clock"]


@pytest.fixture
def client(fake_xero: FakeXero) -> Client:
    """An app at work for one organisation."""
    return client_of(fake_xero)

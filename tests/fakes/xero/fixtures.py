"""Fixtures for tests that speak to the fake; a conftest takes them over with ``from tests.fakes.xero.fixtures import fake_xero``."""

from collections.abc import Iterator
from functools import cache

import pytest

from tests.fakes.clock import SetClock
from tests.fakes.xero import Contract, FakeXero
from tests.services.specs import specs_folder


@cache
def xero_contract() -> Contract | None:
    """Xero's description, read once; None where the machine does not have it."""
    folder = specs_folder()
    return Contract(folder) if folder else None


@pytest.fixture
def xero_clock() -> SetClock:
    """The time at Xero's."""
    return SetClock()


@pytest.fixture
def fake_xero(xero_clock: SetClock) -> Iterator[FakeXero]:
    """Xero, its time standing still until ``xero_clock`` moves on; whatever was said must have kept to the contract."""
    with FakeXero(xero_clock, contract=xero_contract()) as xero:
        yield xero
    assert xero.contract_violations == []

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from tests.fakes.clock import SetClock
from tests.fakes.fortnox.server import FakeFortnox
from tests.fakes.jortt.fake import FakeJortt
from tests.fakes.jortt.fixtures import published_contract
from tests.fakes.xero.fake import FakeXero
from tests.integration.accounting.office import Office
from tests.integration.accounting.two_books import TwoBooks


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema in it: copied faster than it is migrated."""
    path = tmp_path_factory.mktemp("accounting") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def office(migrated_file: Path, tmp_path: Path) -> Iterator[Office]:
    """Declared and not connected yet; Xero has one organisation and knows our app. What both databases do is the contract tests' matter."""
    with _office(f"sqlite:///{copyfile(migrated_file, tmp_path / 'billhook.db')}") as office:
        yield office


@pytest.fixture
def office_on_each(database_url: str) -> Iterator[Office]:
    """As above, once on SQLite and once on PostgreSQL."""
    _migrate(database_url)
    with _office(database_url) as office:
        yield office


@pytest.fixture
def books(migrated_file: Path, tmp_path: Path) -> Iterator[TwoBooks]:
    """A jortt and a Fortnox with flows both ways; neither may have been asked for what it does not have."""
    engine = make_engine(f"sqlite:///{copyfile(migrated_file, tmp_path / 'billhook.db')}")
    with FakeFortnox() as fortnox, FakeJortt(contract=published_contract()) as jortt:
        yield TwoBooks(engine, fortnox, jortt)
        assert jortt.violations == []
        assert fortnox.contract_violations == []
    engine.dispose()


@contextmanager
def _office(url: str) -> Iterator[Office]:
    engine = make_engine(url)
    clock = SetClock()
    with FakeXero(clock) as xero:
        xero.add_organisation()
        xero.add_app()
        office = Office(engine, xero, clock)
        office.declare()
        yield office
    engine.dispose()


def _migrate(url: str) -> None:
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()

"""Four workers at one company at the same time, on PostgreSQL and in real time."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.persistence.engine import make_engine
from adapters.persistence.schema import migrate
from adapters.system.clock import SystemClock
from domain.errors import TemporaryFailure
from domain.invoicing.document import Issued
from tests.contracts.accounting.fortnox.house import TENANT, FortnoxHouse, all_delivered, an_invoice
from tests.fakes.fortnox import FakeFortnox

WORKERS, EACH = 4, 12
# In any 5 seconds, counted by the fake itself.
CALLS_MAX = 25


class BusyHouse(FortnoxHouse):
    """Its clock is the machine's."""

    def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        time.sleep(seconds)


@pytest.fixture
def busy_house(postgres_url: str) -> Iterator[BusyHouse]:
    """Connected to a company without customers."""
    engine = make_engine(postgres_url, pool_size=WORKERS + 2)
    migrate(engine)
    with FakeFortnox() as fortnox:
        yield BusyHouse(engine, SystemClock(), fortnox, fortnox.add_company(TENANT))
    engine.dispose()
    assert not fortnox.crashes, "\n".join(fortnox.crashes)
    assert not fortnox.contract_violations, "\n".join(fortnox.contract_violations)


def work(house: FortnoxHouse, documents: Sequence[Issued]) -> bool:
    """Deliver one after the other; a lane that was parked comes back when its time has come."""
    for document in documents:
        while True:
            try:
                delivered = all_delivered(house.deliver(document))
                break
            except TemporaryFailure as failure:
                time.sleep(failure.retry_after_s or 1)
        if not delivered:
            return False
    return True


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_four_workers_never_run_into_the_limit_and_make_one_customer_and_one_article(busy_house: BusyHouse) -> None:
    """All of them meet the same new customer and the same new article in the same moment."""
    shares = [[an_invoice(worker * EACH + number) for number in range(1, EACH + 1)] for worker in range(WORKERS)]

    with ThreadPoolExecutor(WORKERS) as workers:
        done = list(workers.map(lambda share: work(busy_house, share), shares))

    assert done == [True] * WORKERS
    assert busy_house.fortnox.refused_calls == 0
    assert busy_house.fortnox.window.most <= CALLS_MAX
    assert busy_house.naps, "the limit was never reached, so nothing was shown"
    assert len(busy_house.company.customers) == len(busy_house.company.articles) == 1
    assert sorted(busy_house.created()) == sorted(document.display_number for share in shares for document in share)

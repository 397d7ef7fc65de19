"""Other work while a statement waits."""

import select
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, text

from adapters.persistence.bulk import insert_rows
from adapters.persistence.engine import make_engine
from adapters.persistence.tables import assets
from adapters.persistence.waiting import while_waiting

SLEEP = text("SELECT pg_sleep(0.4), 42")


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Engine]:
    engine = make_engine(postgresql_url)
    yield engine
    engine.dispose()


@dataclass
class Work:
    """Counts its calls; each takes a while unless the answer comes first."""

    calls: list[int] = field(default_factory=list)

    def __call__(self, descriptor: int, events: int) -> None:
        self.calls.append(events)
        answer = select.poll()
        answer.register(descriptor, events)
        answer.poll(50)


def test_work_is_done_while_the_answer_is_waited_for(postgresql: Engine) -> None:
    work = Work()

    with while_waiting(work), postgresql.connect() as connection:
        began = time.monotonic()
        answer = connection.execute(SLEEP).one()[1]
        took_s = time.monotonic() - began
        during = len(work.calls)
    with postgresql.connect() as connection:
        connection.execute(SLEEP)

    assert answer == 42
    assert took_s < 0.8
    assert during >= 2
    assert len(work.calls) <= during + 2  # the end of the transaction; nothing once it is over


def test_rows_that_fill_the_line_are_all_written(postgresql: Engine) -> None:
    """Twenty megabytes do not fit between us and the server: then sending waits, too."""
    work = Work()
    rows = [(f"{number:064}", b"x" * 1_000_000) for number in range(10)]

    with while_waiting(work), postgresql.begin() as connection:
        insert_rows(connection, assets, ("sha256", "content"), rows)
    with postgresql.connect() as connection:
        written = connection.execute(text("SELECT count(*), sum(length(content)) FROM assets")).one()

    assert tuple(written) == (10, 10_000_000)
    assert any(events & select.POLLOUT for events in work.calls)

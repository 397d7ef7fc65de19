"""What the other processes do. Each has connections of its own, as a pod has."""

from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from threading import Thread

from adapters.system.clock import SystemClock
from tests.integration.accounting.office import LANE, a_process


def use(url: str, origin: str, start: Barrier, tokens: "Queue[str]") -> None:
    """One worker of many, with two threads, that need access in the same moment."""
    with a_process(url, origin, SystemClock()) as (_, access_tokens, desk):
        app = desk.find(LANE).app

        def call() -> None:
            start.wait(60)
            tokens.put(access_tokens.current(LANE, "xero", app).token)

        threads = [Thread(target=call) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

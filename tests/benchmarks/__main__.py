"""Runs the benchmarks: one JSON document on stdout, progress on stderr."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

from tests.benchmarks import intake, issuing, lanes, operations, rendering, worker_memory, xero
from tests.benchmarks.figures import Figure
from tests.benchmarks.libraries import require_libraries
from tests.benchmarks.machine import machine
from tests.benchmarks.progress import say
from tests.benchmarks.sizes import FULL, QUICK, Sizes
from tests.services import postgres, rabbitmq
from tests.services.ftpd import Vsftpd
from tests.services.postgres import PostgresServer
from tests.services.sshd import Sshd

_NAMES = ("intake", "issuing", "two_companies", "rendering", "lanes", "xero", "operations", "worker_memory")


def main() -> int:
    """Exit code 0 whatever was measured; with ``--strict`` 1 where a goal is missed."""
    wanted = _arguments()
    sizes = QUICK if wanted.quick else FULL
    with ExitStack() as servers:
        # With fsync, as in production: commits are half of the truth about a database.
        database = servers.enter_context(postgres.start(durable=True))
        report = {"machine": machine(database), "sizes": "quick" if wanted.quick else "full", "repeats": wanted.repeats}
        figures = {
            name: figure()
            for name, figure in _measurements(servers, database, sizes, wanted.repeats)
            if name.partition(".")[0] in wanted.only
        }
    all_met = all(figure.met for figure in figures.values())
    report |= {"figures": {name: figure.as_json() for name, figure in figures.items()}, "all_met": all_met}
    print(json.dumps(report, indent=2))
    _summarise(figures)
    return 1 if wanted.strict and not all_met else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="How fast Billhook is, beside the floor of each path.")
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes instead of an hour; the figures are rougher")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a goal is missed")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each comparison, of which the median counts (default 3)")
    parser.add_argument("--only", nargs="+", choices=_NAMES, default=_NAMES, metavar="NAME", help=f"some of: {', '.join(_NAMES)}")
    return parser.parse_args()


def _measurements(servers: ExitStack, database: PostgresServer, sizes: Sizes, repeats: int) -> Iterator[tuple[str, Callable[[], Figure]]]:
    sshd = cache(lambda: servers.enter_context(Sshd()))
    yield "intake", lambda: intake.measure(database, servers.enter_context(rabbitmq.start()), sizes.messages, repeats)
    yield "issuing", lambda: issuing.measure(database, sizes.orders, repeats)
    yield "two_companies", lambda: issuing.measure_two(database, sizes.orders, repeats)
    yield "rendering", lambda: _rendering(sizes.pages, repeats)
    yield "lanes.sftp", lambda: lanes.measure_sftp(database, sshd(), sizes.files, repeats)
    yield "lanes.ftps", lambda: lanes.measure_ftp(database, servers.enter_context(Vsftpd()), sizes.files, repeats)
    yield "lanes.ten", lambda: lanes.measure_ten(database, sshd(), sizes.files, repeats)
    yield "xero", lambda: xero.measure(database, repeats)
    asked = cache(lambda: operations.measure(database, sizes.crowd, sizes.crowd_deliveries))
    for name in ("explain", "trace", "lists", "due_lanes"):
        yield f"operations.{name}", lambda name=name: asked()[name]  # type: ignore[misc]  # a default makes it its own
    yield "worker_memory", lambda: worker_memory.measure(database, sizes.invoices)


def _rendering(pages: int, repeats: int) -> Figure:
    require_libraries()
    return rendering.measure(pages, repeats)


def _summarise(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        say(f"{'met   ' if figure.met else 'MISSED'} {figure.summary}")


if __name__ == "__main__":
    sys.exit(main())

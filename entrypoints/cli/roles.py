"""The roles of the fleet: `billhook intake`, `worker`, `scheduler`, and `up` for all three in one process."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from application.ports.deliveries import DeliveryFilter
from domain.delivery.state import DeliveryState
from entrypoints.cli.asking_health import ask_health
from entrypoints.cli.options import UntilIdle
from entrypoints.cli.presenting import count_of, say
from entrypoints.cli.session import actor, application
from entrypoints.garbage import collect_seldom

if TYPE_CHECKING:
    from entrypoints.container import Application
    from entrypoints.health import Pulse

HealthCheck = Annotated[
    bool, typer.Option("--health-check", help="Ask the running role at BILLHOOK_HEALTH_ADDRESS whether it lives and is ready, then exit.")
]
_PANEL = "Fleet"
_INBOX = "inbox"
_PAGE = 500


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up", rich_help_panel="Start", epilog="Example: billhook up, then copy orders to var/inbox")(up)
    app.command("intake", rich_help_panel=_PANEL, epilog="Example: billhook intake")(intake)
    app.command("worker", rich_help_panel=_PANEL, epilog="Example: billhook worker --until-idle")(worker)
    app.command("scheduler", rich_help_panel=_PANEL, epilog="Example: billhook scheduler")(scheduler)


def intake(*, until_idle: UntilIdle = False, health_check: HealthCheck = False) -> None:
    """Take order messages: from RabbitMQ, or without one from files in the folder `inbox` of the data folder."""
    if health_check:
        ask_health()
    with application("intake") as app, _watched(app) as pulse:
        _intake(app, _stop_on_signals(), pulse, until_idle=until_idle)


def worker(*, until_idle: UntilIdle = False, health_check: HealthCheck = False) -> None:
    """Make the invoices that are due, and deliver documents. Any number may run."""
    if health_check:
        ask_health()
    with application("worker") as app, _watched(app) as pulse:
        _worker(app, _stop_on_signals(), pulse, until_idle=until_idle)


def scheduler(*, until_idle: UntilIdle = False, health_check: HealthCheck = False) -> None:
    """Fire the plans' schedules and hint at work that waits. Any number may run: each slot fires once."""
    if health_check:
        ask_health()
    with application("scheduler") as app, _watched(app) as pulse:
        _scheduler(app, _stop_on_signals(), pulse, until_idle=until_idle)


def up(*, until_idle: UntilIdle = False, health_check: HealthCheck = False) -> None:
    """Run intake, worker and scheduler in one process: the small installation. On SQLite the schema is brought up to date first."""
    if health_check:
        ask_health()
    with application("up", schema_is_old=True, creates=True) as app, _watched(app) as pulse:
        if app.settings.is_embedded:
            app.migrate(actor())
        app.require_schema()
        stop = _stop_on_signals()
        if until_idle:
            for part in (_intake, _scheduler, _worker):
                part(app, stop, pulse, until_idle=True)
            return
        say(f"Taking orders from {(app.settings.broker_url and 'RabbitMQ') or app.settings.data_dir / _INBOX}. Stop with Ctrl-C.")
        _side_by_side(app, stop, pulse)


@contextmanager
def _watched(app: "Application") -> Iterator["Pulse"]:
    """The pulse of the role; it can be asked for where an address for that is set."""
    from entrypoints.health import Pulse, serving  # noqa: PLC0415 - only roles need it
    from entrypoints.readiness import is_complete, is_ready  # noqa: PLC0415

    pulse = Pulse()
    if not app.settings.health_address:
        yield pulse
        return
    checks = {"/live": pulse.checks, "/ready": lambda: is_ready(app), "/complete": lambda: is_complete(app)}
    with serving(app.settings.health_address, checks) as address:
        app.telemetry.event("health_served", address=address)
        yield pulse


def _side_by_side(app: "Application", stop: threading.Event, pulse: "Pulse") -> None:
    """All three until told to stop. If one breaks, all stop, and its error is the command's."""
    errors: list[BaseException] = []

    def guarded(part: Callable[..., None]) -> None:
        try:
            part(app, stop, pulse, until_idle=False)
        except BaseException as error:  # noqa: BLE001 - it is raised again by the main thread
            errors.append(error)
        finally:
            stop.set()

    threads = [threading.Thread(target=guarded, args=(part,), name=part.__name__.strip("_")) for part in (_intake, _scheduler, _worker)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def _intake(app: "Application", stop: threading.Event, pulse: "Pulse", *, until_idle: bool) -> None:
    collect_seldom()
    beat = pulse.of("intake")
    if app.settings.broker_url:
        from entrypoints.container import intake_consumer  # noqa: PLC0415 - a role loads what it needs

        intake_consumer(app, beat).run(stop, until_idle=until_idle)
    else:
        from entrypoints.intake import run_folder  # noqa: PLC0415

        folder = app.settings.data_dir / _INBOX
        run_folder(app.catalogue, app.telemetry, folder, stop, until_idle=until_idle, may_go_on=app.intake_permission(), on_beat=beat)


def _worker(app: "Application", stop: threading.Event, pulse: "Pulse", *, until_idle: bool) -> None:
    collect_seldom()
    if until_idle:
        from entrypoints.polling import Polling  # noqa: PLC0415 - a role loads what it needs

        Polling(app.catalogue, app.telemetry, app.settings.worker_threads).work_until_idle()
        _say_what_waits(app)
    else:
        from entrypoints import worker as role  # noqa: PLC0415

        role.run(app.catalogue, app.telemetry, app.container.broker(), app.settings.worker_threads, stop, pulse.of("worker"))


def _say_what_waits(app: "Application") -> None:
    """Deliveries that are left after all that could be done: their lane is parked, or somebody else is at it."""
    waiting: dict[str, list[str]] = {}
    for state in (DeliveryState.PENDING, DeliveryState.WAITING):
        for delivery in app.catalogue.list_deliveries(DeliveryFilter(state.value), 0, _PAGE):
            waiting.setdefault(delivery.integration, []).append(delivery.last_error)
    paused = _pauses(app) if waiting else {}
    for integration, reasons in waiting.items():
        at_least = "at least " if len(reasons) >= _PAGE else ""
        reason = paused.get(integration) or next(filter(None, reasons), "it is not due yet, or another worker is at it")
        say(f"{integration}: {at_least}{count_of(len(reasons), 'delivery waits', 'deliveries wait')}: {reason}")


def _pauses(app: "Application") -> Mapping[str, str]:
    """Why each paused lane is."""
    found: dict[str, str] = {}
    page = app.catalogue.list_lanes("", _PAGE)
    while page:
        found |= {standing.lane.integration: standing.reason for standing in page if standing.pause is not None}
        page = app.catalogue.list_lanes(page[-1].lane.integration, _PAGE)
    return found


def _scheduler(app: "Application", stop: threading.Event, pulse: "Pulse", *, until_idle: bool) -> None:
    from entrypoints import scheduler as role  # noqa: PLC0415 - a role loads what it needs

    if until_idle:
        role.run_until_idle(app.catalogue)
    else:
        role.run(app.catalogue, app.telemetry, stop, pulse.of("scheduler"))


def _stop_on_signals() -> threading.Event:
    """Set on the first SIGTERM or SIGINT: finish what is in hand. A second one ends the process at once, as usual."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop

"""The intake's role: order messages from the broker, or from files in a folder, into the store."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from application.catalogue import Catalogue
from application.ports.quarantine import IncomingMessage
from application.ports.telemetry import Telemetry
from application.use_cases.accept_messages import AcceptedMessages, AcceptMessages
from domain.errors import TemporaryFailure
from entrypoints.order_files import in_batches, read_messages

_POLL_S = 1.0
_DONE = (".done", ".error", ".part", ".tmp")


def acceptor(catalogue: Catalogue) -> Callable[[Sequence[IncomingMessage]], AcceptedMessages]:
    """What a consumer hands its batches to."""
    return lambda batch: catalogue.accept_messages(AcceptMessages(batch))


def run_folder(catalogue: Catalogue, telemetry: Telemetry, folder: Path, stop: threading.Event, *, until_idle: bool = False) -> None:
    """Take files as they come to a folder; ``order_files`` tells what may be in them.

    A file is renamed after the commit (``.done``, or ``.error`` where something in it was quarantined), so that dying
    in between only reads it again, which changes nothing. Write files under another name (``.part``) and rename them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    while not stop.is_set():
        found = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".") and path.suffix not in _DONE)
        for path in found:
            _take(catalogue, telemetry, path)
        if until_idle and not found:
            return
        if not found:
            stop.wait(_POLL_S)


def _take(catalogue: Catalogue, telemetry: Telemetry, path: Path) -> None:
    accepted = quarantined = 0
    try:
        with path.open("rb") as lines:
            for batch in in_batches(read_messages(path.name, lines)):
                result = catalogue.accept_messages(AcceptMessages(batch))
                accepted += result.accepted
                quarantined += result.quarantined
    except TemporaryFailure as failure:
        telemetry.problem("intake_waits", file=path.name, reason=failure.text)
        return
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    path.rename(path.with_name(f"{path.name}.{stamp}{'.error' if quarantined else '.done'}"))
    telemetry.event("file_taken", file=path.name, accepted=accepted, quarantined=quarantined)

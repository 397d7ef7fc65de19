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

_POLL_S = 1.0
_DONE = (".done", ".error", ".part", ".tmp")


def acceptor(catalogue: Catalogue) -> Callable[[Sequence[IncomingMessage]], AcceptedMessages]:
    """What a consumer hands its batches to."""
    return lambda batch: catalogue.accept_messages(AcceptMessages(batch))


def run_folder(catalogue: Catalogue, telemetry: Telemetry, folder: Path, stop: threading.Event, *, until_idle: bool = False) -> None:
    """Take files as they come to a folder: each is one message, or JSON lines where its name ends in ``.jsonl``.

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
    try:
        result = catalogue.accept_messages(AcceptMessages(messages_of(path.name, path.read_bytes())))
    except TemporaryFailure as failure:
        telemetry.problem("intake_waits", file=path.name, reason=failure.text)
        return
    ending = ".error" if result.quarantined else ".done"
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    path.rename(path.with_name(f"{path.name}.{stamp}{ending}"))
    telemetry.event("file_taken", file=path.name, accepted=result.accepted, quarantined=result.quarantined)


def messages_of(name: str, content: bytes) -> list[IncomingMessage]:
    """The messages in a file: one, or one a line for JSON lines; the message id tells file and line."""
    if not name.endswith(".jsonl"):
        return [IncomingMessage(content, message_id=name, origin="file")]
    lines = content.splitlines()
    return [IncomingMessage(line, message_id=f"{name}:{number}", origin="file") for number, line in enumerate(lines, 1) if line.strip()]

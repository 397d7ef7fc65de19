"""The steps of a drop, the same for every protocol.

Upload under a temporary name, verify, note that it is handed over, rename. Until the rename nothing is visible, so every fault before
it may be tried again; a rename without an answer is looked up. The temporary name is a proof in that look-up: while the upload still
stands under it, the rename did not happen.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from adapters.file_drop.place import Place, part_name, place_below
from adapters.file_drop.wire import Declined, Lost, Wire
from application.ports.destination import CheckResult
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, NotThere, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure

_TRIAL = b"Billhook checks that files can be put here.\n"


class DropSession:
    """One drop, over one connection as long as it lasts; it is made anew where the server closed it while it was idle."""

    def __init__(self, root: str, connect: Callable[[], Wire]) -> None:
        self._root = root
        self._connect = connect
        self._wire: Wire | None = connect()
        self._served = False
        self._swept: set[str] = set()

    def put(self, folder: str, name: str, content: bytes, handing_over: Callable[[], None]) -> Outcome:
        """Put a file there, whole or not at all."""
        try:
            place = place_below(self._root, folder, name)
        except DomainError as refusal:
            return Refused(refusal.code, refusal.text, refusal.next_step)
        try:
            wire, size = self._stage(place, content)
            if size is not None:
                return self._already_there(wire, place, content, size)
            return self._reveal(wire, place, handing_over)
        except Declined as no:
            return no.outcome
        except Lost as lost:
            self._drop()
            if lost.asked:
                return Unknown(f"The file was about to get its name {place.final} and no answer came: {lost.reason}")
            return ConnectionLost(lost.reason)

    def look_up(self, folder: str, name: str, content: bytes) -> LookUp:
        """Whether the file is there, waits under its temporary name, or cannot be seen."""
        try:
            place = place_below(self._root, folder, name)
        except DomainError:
            return NotThere()  # such a name is never sent
        try:
            wire = self._open()
            size = wire.size(place.final)
            if size is None:
                return _absent(wire, place)
            outcome = self._already_there(wire, place, content, size)
        except Declined as no:
            return RetryLater(no.outcome.reason if isinstance(no.outcome, RetryLater) else no.outcome.text)
        except Lost as lost:
            self._drop()
            return RetryLater(lost.reason)
        return outcome if isinstance(outcome, Delivered) else CannotTell(f"{outcome.text} Compare it with the document.")

    def check(self) -> Sequence[CheckResult]:
        """Put a trial file under a temporary name and remove it."""
        try:
            wire = self._open()
            connected = CheckResult("connection", ok=True, detail="; ".join((wire.endpoint.where, *wire.endpoint.details)))
        except Lost as lost:
            return [CheckResult("connection", ok=False, detail=lost.reason, next_step="Check host and port, then try again.")]
        return [connected, self._check_folder(wire)]

    def close(self) -> None:
        """Say good-bye."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _check_folder(self, wire: Wire) -> CheckResult:
        place = Place(self._root or ".", (), "billhook-check")
        try:
            wire.stage(place, _TRIAL)
            wire.remove(place.part)
        except Declined as no:
            text, step = (
                (no.outcome.reason, "Try again.") if isinstance(no.outcome, RetryLater) else (no.outcome.text, no.outcome.next_step)
            )
            return CheckResult("folder", ok=False, detail=text, next_step=step)
        except Lost as lost:
            self._drop()
            return CheckResult("folder", ok=False, detail=lost.reason, next_step="Try again.")
        return CheckResult("folder", ok=True, detail=f"Files can be put into {place.folder}.")

    def _stage(self, place: Place, content: bytes) -> tuple[Wire, int | None]:
        """A connection that served before may have been closed since; nothing is visible yet, so a new one gets a second try."""
        second_try = self._served and self._wire is not None
        try:
            return self._stage_once(place, content)
        except Lost:
            if not second_try:
                raise
            self._drop()
            return self._stage_once(place, content)

    def _stage_once(self, place: Place, content: bytes) -> tuple[Wire, int | None]:
        wire = self._open()
        size = wire.stage(place, content)
        self._served = True
        if place.folder not in self._swept:
            self._swept.add(place.folder)
            with suppress(Declined):  # tidying up is no reason to fail
                wire.remove_stale(place.folder)
        return wire, size

    def _reveal(self, wire: Wire, place: Place, handing_over: Callable[[], None]) -> Outcome:
        try:
            handing_over()
        except BaseException:
            self._tidy(wire, place)
            raise
        try:
            wire.reveal(place)
        except Declined:
            self._tidy(wire, place)
            raise
        return Delivered(remote_id=place.final)

    def _tidy(self, wire: Wire, place: Place) -> None:
        try:
            wire.remove(place.part)
        except Declined:
            pass  # it is removed when it is stale
        except Lost:
            self._drop()

    def _already_there(self, wire: Wire, place: Place, content: bytes, size: int) -> Delivered | Refused:
        if size == len(content) and wire.read(place.final, size) == content:
            return Delivered(remote_id=place.final)
        return Refused(
            "file_differs",
            f"{place.final} is already there with another content ({size:,} bytes; the document has {len(content):,}).",
            "Ask the partner whether that file may go; remove or rename it, then `billhook deliveries retry {delivery}`.",
        )

    def _open(self) -> Wire:
        if self._wire is None:
            with _reconnecting():
                self._wire = self._connect()
            self._served = False
        return self._wire

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.abort()
        self._wire = None


def _absent(wire: Wire, place: Place) -> LookUp:
    if wire.renames_at_once and wire.size(place.part) is not None:
        return NotThere()
    return CannotTell(
        f"Nothing is at {place.final} on {wire.endpoint.where}: the partner has taken the file, or it never got its name. Ask the "
        f"partner for {place.name} (or for {part_name(place.name)}). If they have it, mark the delivery as delivered; if not, retry it."
    )


@contextmanager
def _reconnecting() -> Iterator[None]:
    """In the middle of a lane every failure to connect parks the lane; the next opening tells a person what is wrong."""
    try:
        yield
    except TemporaryFailure as failure:
        raise Lost(failure.text) from failure
    except DomainError as refusal:
        raise Lost(f"{refusal.text} {refusal.next_step}".strip()) from refusal

"""The steps of a drop, the same for every protocol.

Upload under a temporary name, verify, note that it is handed over, rename. Until the rename nothing is visible, so every fault before
it may be tried again; a rename without an answer is looked up. The temporary name is a proof in that look-up: while the upload still
stands under it, the rename did not happen.
"""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from adapters.file_drop.ahead import Ahead
from adapters.file_drop.place import Place, part_name, place_below
from adapters.file_drop.wire import Declined, Lost, Meanwhile, Revealed, Staged, Upload, Wire
from application.ports.destination import CheckResult
from application.ports.file_drop import FileToPut
from domain.delivery.outcome import CannotTell, ConnectionLost, Delivered, LookUp, NotThere, Outcome, Refused, RetryLater, Unknown
from domain.errors import DomainError, TemporaryFailure

_STAGE_S = 1.0
_GROUP_MAX = 100
"""So many files share the two transactions that a hand-over and its outcomes cost."""
_OnItsWay = tuple[FileToPut, Upload]
_THEN_RETRY = ", then `billhook deliveries retry {delivery}`."  # a check has no delivery
_BY_ITSELF = "Or correct fs_root and apply. It is tried again by itself."
_TRIAL = b"Billhook checks that files can be put here.\n"


class DropSession:
    """One drop, over one connection as long as it lasts; it is made anew where the server closed it while it was idle."""

    def __init__(self, root: str, connect: Callable[[], Wire]) -> None:
        self._root = root
        self._connect = connect
        self._wire: Wire | None = connect()
        self._burst_files = self._wire.burst_files
        self._served = False
        self._swept: set[str] = set()

    def put(self, folder: str, name: str, content: bytes, handing_over: Callable[[], None]) -> Outcome:
        """Put a file there, whole or not at all."""
        [(_, outcome)] = self.put_many((FileToPut(folder, name, content),), lambda _files: handing_over())
        return outcome

    def put_many(
        self, files: Iterable[FileToPut], handing_over: Callable[[Sequence[FileToPut]], None]
    ) -> Iterator[tuple[FileToPut, Outcome]]:
        """Upload some, note that they are handed over, rename them; and again, until all are there. Stops after a lost connection.

        A slow server gets few at a time: between the note and the outcome a crash leaves a file to be looked up.
        """
        staged: list[_OnItsWay] = []
        began = time.monotonic()
        ahead = Ahead(files, self._burst_files)
        while burst := ahead.take():
            if (yield from self._stage_all(burst, staged, ahead.fetch)):
                return  # what was uploaded before is overwritten by its next try
            if len(staged) >= _GROUP_MAX or time.monotonic() - began > _STAGE_S:
                if (yield from self._reveal(staged, handing_over)):
                    return
                staged, began = [], time.monotonic()
        yield from self._reveal(staged, handing_over)

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
        try:
            no = self._trial(wire)
        except Lost as lost:
            self._drop()
            return CheckResult("folder", ok=False, detail=lost.reason, next_step="Try again.")
        if isinstance(no, RetryLater):
            return CheckResult("folder", ok=False, detail=no.reason, next_step="Try again.")
        if isinstance(no, Refused):
            return CheckResult("folder", ok=False, detail=no.text, next_step=no.next_step.replace(_THEN_RETRY, "."))
        return CheckResult("folder", ok=True, detail=f"Files can be put into {self._root or '.'}.")

    def _trial(self, wire: Wire) -> Refused | RetryLater | None:
        """Why a trial file cannot be put below the root under its temporary name; None where it can. It is removed again."""
        place = Place(self._root or ".", (), "billhook-check")
        try:
            [staged] = wire.stage([Upload(place, _TRIAL)])
            if isinstance(staged, Declined):
                return staged.outcome
            wire.remove(place.part)
        except Declined as no:
            return no.outcome
        return None

    def _stage(self, uploads: Sequence[Upload], meanwhile: Meanwhile) -> tuple[Wire, Sequence[Staged]]:
        """A connection that served before may have been closed since; nothing is visible yet, so a new one gets a second try."""
        second_try = self._served and self._wire is not None
        try:
            return self._stage_once(uploads, meanwhile)
        except Lost:
            if not second_try:
                raise
            self._drop()
            return self._stage_once(uploads, meanwhile)

    def _stage_once(self, uploads: Sequence[Upload], meanwhile: Meanwhile) -> tuple[Wire, Sequence[Staged]]:
        wire = self._open()
        results = wire.stage(uploads, meanwhile)
        self._served = True
        for folder in {upload.place.folder for upload in uploads[: len(results)]} - self._swept:
            self._swept.add(folder)
            with suppress(Declined):  # tidying up is no reason to fail
                wire.remove_stale(folder)
        return wire, results

    def _stage_all(
        self, burst: Sequence[FileToPut], staged: list[_OnItsWay], meanwhile: Meanwhile
    ) -> Generator[tuple[FileToPut, Outcome], None, bool]:
        """Upload them and add them to ``staged``; outcomes are those of files that are there or cannot be uploaded. Whether it broke."""
        waiting: list[_OnItsWay] = []
        for file in burst:
            try:
                waiting.append((file, Upload(place_below(self._root, file.folder, file.name), file.content)))
            except DomainError as refusal:
                yield file, Refused(refusal.code, refusal.text, refusal.next_step)
        while waiting:
            tried, waiting = self._try_to_stage(waiting, meanwhile)
            for item, outcome in tried:
                if outcome is None:
                    staged.append(item)
                    continue
                yield item[0], outcome
                if isinstance(outcome, ConnectionLost):
                    return True
        return False

    def _try_to_stage(
        self, waiting: Sequence[_OnItsWay], meanwhile: Meanwhile
    ) -> tuple[list[tuple[_OnItsWay, Outcome | None]], list[_OnItsWay]]:
        """Upload the next files: for each None or its outcome, where it is there or cannot be uploaded; and those that still wait."""
        tried: list[tuple[_OnItsWay, Outcome | None]] = []
        try:
            wire, results = self._stage([upload for _, upload in waiting], meanwhile)
            for item, result in zip(waiting, results, strict=False):
                tried.append((item, self._outcome_of_staging(wire, item[1], result)))
        except Lost as lost:
            self._drop()
            tried.append((waiting[len(tried)], ConnectionLost(lost.reason)))
        return tried, list(waiting[len(tried) :])

    def _outcome_of_staging(self, wire: Wire, upload: Upload, result: Staged) -> Outcome | None:
        if isinstance(result, Declined):
            if isinstance(result.outcome, Refused) and not upload.place.folders:
                self._refuse_root(wire)
            return result.outcome
        try:
            return None if result is None else self._already_there(wire, upload.place, upload.content, result)
        except Declined as no:
            return no.outcome

    def _refuse_root(self, wire: Wire) -> None:
        """Where nothing at all may be put there, that is no fault of a document: one sentence, for the whole lane."""
        no = self._trial(wire)
        if isinstance(no, Refused):
            text = f"No file can be put into {self._root or '.'}: {no.text}"
            raise DomainError("folder_refused", text, f"{no.next_step.replace(_THEN_RETRY, '.')} {_BY_ITSELF}")

    def _reveal(
        self, staged: Sequence[_OnItsWay], handing_over: Callable[[Sequence[FileToPut]], None]
    ) -> Generator[tuple[FileToPut, Outcome], None, bool]:
        """The outcomes; whether the connection was lost before all had been asked for."""
        if not staged:
            return False
        try:
            handing_over([file for file, _ in staged])
        except BaseException:
            for _, upload in staged:
                self._tidy(upload.place)
            raise
        places = [upload.place for _, upload in staged]
        lost = False
        for (file, upload), revealed in zip(staged, self._names(places), strict=True):
            outcome = self._outcome_of_reveal(upload.place, revealed)
            lost = lost or isinstance(outcome, ConnectionLost)
            yield file, outcome
        return lost

    def _names(self, places: Sequence[Place]) -> Iterator[Revealed]:
        try:
            wire = self._open()
        except Lost as lost:
            return iter([lost] * len(places))
        return wire.reveal(places)

    def _outcome_of_reveal(self, place: Place, revealed: Revealed) -> Outcome:
        if isinstance(revealed, Declined):
            self._tidy(place)
            return revealed.outcome
        if isinstance(revealed, Lost):
            self._drop()
            if revealed.asked:
                return Unknown(f"The file was about to get its name {place.final} and no answer came: {revealed.reason}")
            return ConnectionLost(revealed.reason)
        return Delivered(remote_id=place.final)

    def _tidy(self, place: Place) -> None:
        """Where it does not work the file is removed when it is stale."""
        try:
            if self._wire is not None:
                self._wire.remove(place.part)
        except Declined:
            pass
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

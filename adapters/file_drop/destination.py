"""Documents as files in a partner's folder: the destination of every kind that drops files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from adapters.file_drop.settings import drop_address
from adapters.file_drop.writing import DroppedFile, Writing
from application.ports.destination import CheckResult, Consignment, LaneContext
from application.ports.file_drop import FileDrop, FileDrops
from domain.delivery.outcome import ConnectionLost, LookUp, Outcome, RetryLater
from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class FileDropDestination:
    """Drops files over one connection, straight below the root."""

    drop: FileDrop
    write: Callable[[Consignment], DroppedFile]

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome]]:
        """In groups that are handed over together. Stops after a lost connection: the rest was not handed over."""
        lost = False
        files = Writing(self.write, batch)
        for file, outcome in self.drop.put_many(files.written(), lambda staged: handing_over([files.of(each) for each in staged])):
            yield files.of(file), outcome
            yield from files.refused()
            lost = lost or isinstance(outcome, ConnectionLost)
        yield from files.refused()
        if not lost:
            files.raise_fault()

    def look_up(self, consignment: Consignment) -> LookUp:
        """Whether the file is there."""
        try:
            file = self.write(consignment)
        except DomainError as refusal:
            return RetryLater(refusal.text)
        return self.drop.look_up("", file.name, file.content)

    def check(self) -> Sequence[CheckResult]:
        """The connection and the folder."""
        return self.drop.check()

    def preview(self, consignment: Consignment) -> str:
        """The file's name and content."""
        file = self.write(consignment)
        return f"{file.name}\n\n{file.content.decode()}"


@contextmanager
def open_file_drop(
    lane: LaneContext, *, file_drops: FileDrops, writer_for: Callable[[LaneContext], Callable[[Consignment], DroppedFile]]
) -> Iterator[FileDropDestination]:
    """Connect as the integration's settings say. ``writer_for`` gives what turns a consignment into a file."""
    with file_drops.open(drop_address(lane.integration.settings, lane.secrets)) as drop:
        yield FileDropDestination(drop, writer_for(lane))

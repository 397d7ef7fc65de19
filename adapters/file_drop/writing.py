"""The files of a batch of documents, each written when it is asked for."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from application.ports.destination import Consignment
from application.ports.file_drop import FileToPut
from domain.delivery.outcome import Refused
from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file to drop: its name is made of our own ids, so that the same document always meets the same name."""

    name: str
    content: bytes


class Writing:
    """The files of a batch in its order. What cannot be written is kept aside; a fault of ours ends it at that document."""

    def __init__(self, write: Callable[[Consignment], DroppedFile], batch: Sequence[Consignment]) -> None:
        self._write = write
        self._left = deque(batch)
        self._consignments: dict[str, Consignment] = {}
        self._refused: list[tuple[Consignment, Refused]] = []
        self._fault: Exception | None = None

    def written(self) -> Iterator[FileToPut]:
        """The files, each as it is asked for."""
        while self._left:
            consignment = self._left.popleft()
            try:
                file = self._write(consignment)
            except DomainError as refusal:
                self._refused.append((consignment, Refused(refusal.code, refusal.text, refusal.next_step)))
                continue
            except Exception as fault:  # noqa: BLE001 - raised again once those before have their outcomes
                self._fault = fault
                return
            self._consignments[file.name] = consignment
            yield FileToPut("", file.name, file.content)

    def of(self, file: FileToPut) -> Consignment:
        """The document of a file."""
        return self._consignments[file.name]

    def refused(self) -> list[tuple[Consignment, Refused]]:
        """Those that could not be written since this was asked last."""
        refused, self._refused = self._refused, []
        return refused

    def raise_fault(self) -> None:
        """Whoever asked sets it down to the first document without an outcome: that must be the one at fault."""
        if self._fault is not None:
            raise self._fault

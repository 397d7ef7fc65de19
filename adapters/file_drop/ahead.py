"""Files that are asked for a little before they are wanted: while the server is busy with those before them."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

from application.ports.file_drop import FileToPut


class Ahead:
    """The files in bursts of so many. An error of whoever makes them comes up when all those made before it were taken."""

    def __init__(self, files: Iterable[FileToPut], burst_files: int) -> None:
        self._left = iter(files)
        self._burst_files = burst_files
        self._made: deque[FileToPut] = deque()
        self._fault: Exception | None = None

    def fetch(self) -> None:
        """Have a part of the next burst made, as each of the two waits for a burst has time for. Raises nothing."""
        self._make(min(self._burst_files // 2 + 1, self._burst_files - len(self._made)))

    def take(self) -> list[FileToPut]:
        """The next burst; nothing at the end."""
        self._make(self._burst_files - len(self._made))
        if not self._made and self._fault is not None:
            raise self._fault
        taken = list(self._made)
        self._made.clear()
        return taken

    def _make(self, count: int) -> None:
        if self._fault is not None:
            return
        try:
            for file in islice(self._left, max(count, 0)):
                self._made.append(file)
        except Exception as fault:  # noqa: BLE001 - raised by ``take``
            self._fault = fault

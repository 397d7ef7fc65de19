"""A person at a terminal: the command has a pseudo-terminal for all three streams, and is answered when it asks."""

import os
import pty
import re
import select
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.e2e.cli.conftest import Installation

_WITHIN_S = 120.0
# Python does not notice a Ctrl-C in the moment in which it begins to wait for a line; a person presses it again.
_AGAIN_S = 5.0
# Colours and movements of the cursor.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CTRL_C, CTRL_D = "\x03", "\x04"


@dataclass
class Terminal:
    """What was shown so far; ``master`` is our end."""

    process: "subprocess.Popen[bytes]"
    master: int
    shown: bytes = field(default=b"")

    @property
    def text(self) -> str:
        """Without colours, and with plain line ends."""
        return _ESCAPES.sub("", self.shown.decode(errors="replace")).replace("\r\n", "\n")

    def read_until(self, wanted: str) -> None:
        """Until the text was shown; an error where the command ends, or nothing is shown for long."""
        while wanted not in self.text:
            assert self._read(), f"it ended without {wanted!r}: {self.text}"

    def type(self, answer: str) -> None:
        """Press the keys; Ctrl-C again where nothing happens."""
        os.write(self.master, answer.encode())
        if answer == CTRL_C:
            while not self._ends_or_goes_on():
                os.write(self.master, answer.encode())

    def _ends_or_goes_on(self) -> bool:
        """Whether words were shown within a few seconds: the rest of the question and the echo of the keys are none."""
        before = self._letters()
        ends_at = time.monotonic() + _AGAIN_S
        while (left_s := ends_at - time.monotonic()) > 0 and select.select([self.master], [], [], left_s)[0]:
            if not self._read() or self._letters() > before:
                return True
        return False

    def _letters(self) -> int:
        return sum(map(str.isalpha, self.text.replace("^C", "")))

    def read_to_end(self) -> int:
        """Until the command ends; its exit code."""
        while self._read():
            pass
        return self.process.wait(_WITHIN_S)

    def _read(self) -> bool:
        """Whether there was more."""
        ready, _, _ = select.select([self.master], [], [], _WITHIN_S)
        assert ready, f"nothing came for {_WITHIN_S:.0f} s: {self.text}"
        piece = b""
        with suppress(OSError):  # Linux: the other end is closed
            piece = os.read(self.master, 4096)
        self.shown += piece
        return bool(piece)


def at_a_terminal(house: Installation, *arguments: str, answer: str = "", asked: str = "[y/N]") -> tuple[int, str]:
    """Run the command; ``answer`` is typed once ``asked`` is shown. Returns the exit code and all that was shown."""
    master, slave = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
    environment = {**plain, "TERM": "xterm", "COLUMNS": "200"}
    try:
        process = subprocess.Popen([house.command, *arguments], cwd=house.folder, env=environment, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        terminal = Terminal(process, master)
        if answer:
            terminal.read_until(asked)
            terminal.type(answer)
        return terminal.read_to_end(), terminal.text
    finally:
        os.close(master)

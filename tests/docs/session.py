"""Runs the commands of a page as a reader would: one shell, one folder, in order."""

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.docs.pages import ROOT, Block, Command

_TIMEOUT_S = 240
_TIMED_OUT = 124


class PageFailed(AssertionError):
    """A command of the page did not do what the page says."""


def run(blocks: Sequence[Block], folder: Path, settings: Mapping[str, str]) -> None:
    """Write the files of the page and run its commands in ``folder``; raises PageFailed with the first that fails.

    ``folder`` stands for the checkout: `.venv` leads to the environment of this test run, and its commands are in the path.
    """
    (folder / ".venv").symlink_to(sys.prefix)
    commands: list[Command] = []
    script = ["set -uo pipefail"]
    token = secrets.token_hex(8)
    for block in blocks:
        if block.file:
            script.append(_writing(block))
        elif block.holds_commands and block.mark not in {"form", "day"}:
            for command in block.commands():
                script += [f"printf '\\n{token} {len(commands)}\\n'", _runnable(command.text), "code=$?; [ $code = 0 ] || exit $code"]
                commands.append(command)
    script.append(f"printf '\\n{token} {len(commands)}\\n'")
    printed, code = _shell("\n".join(script), folder, settings)
    _judge(commands, re.split(rf"\n{token} \d+\n", printed)[1:], code)


def _shell(script: str, folder: Path, settings: Mapping[str, str]) -> tuple[str, int]:
    """What the script prints, and how it ends. What it leaves running in the background is ended with it."""
    log = folder / ".session.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-c", script], cwd=folder, env=_environment(settings), stdout=output, stderr=output, start_new_session=True
        )
        try:
            code = process.wait(_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = _TIMED_OUT
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return log.read_text(encoding="utf-8", errors="replace"), code


def _writing(block: Block) -> str:
    end = secrets.token_hex(8)
    return "\n".join((f"mkdir -p \"$(dirname '{block.file}')\"", f"cat > '{block.file}' <<'{end}'", *block.lines, end))


def _runnable(text: str) -> str:
    """`make demo` in a scratch folder is what the Makefile runs there, apart from the installation, which is done already."""
    return text.replace("make demo", recipe("demo")) if text.startswith("make ") else text


def recipe(target: str) -> str:
    """The last command of a target of the Makefile."""
    found = re.search(
        rf"^{target}:.*\n(?:\t.*\n)*?\t@?(?P<command>.+)\n(?!\t)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    if found is None:
        raise PageFailed(f"the Makefile has no target {target!r}")
    return found["command"].replace("$(BIN)", ".venv/bin")


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BILLHOOK_")}
    return {**ours, "PATH": os.pathsep.join((f"{sys.prefix}/bin", os.environ["PATH"])), "LC_ALL": "C.UTF-8", **settings}


def _judge(commands: Sequence[Command], outputs: Sequence[str], code: int) -> None:
    for command, output in zip(commands, outputs, strict=False):
        if code and output is outputs[-1]:
            raise PageFailed(f"line {command.line}: `{command.text}` ended with {code}:\n{output}")
        missing = first_missing(command.output, output)
        if missing:
            raise PageFailed(f"line {command.line}: `{command.text}` does not print\n  {missing}\nbut\n{output}")
    if code or len(outputs) != len(commands) + 1:
        raise PageFailed(f"the shell ended with {code} after {len(outputs)} of {len(commands)} commands")


def first_missing(promised: Sequence[str], printed: str) -> str:
    """The first promised line that is not printed, in this order; `…` stands for anything, and spaces for any white space."""
    lines = iter(printed.splitlines())
    for promise in promised:
        if promise.strip() == "…":
            continue
        pattern = re.compile(
            ".*?".join(r"\s+".join(map(re.escape, part.split())) for part in promise.split("…")).replace(r".*?", r"\s*.*?\s*")
        )
        if not any(pattern.fullmatch(line.strip()) for line in lines):
            return promise
    return ""

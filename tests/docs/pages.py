"""The documents of this project, read as their readers do: blocks of commands, spans of code, and links.

A block of commands may have a mark on the line before it:

- ``<!-- file: NAME -->``: the block is the content of a file that the commands after it use;
- ``<!-- fleet -->``: the commands need PostgreSQL and RabbitMQ;
- ``<!-- form -->``: the commands cannot run in a test (they start containers, or never end); their form is checked only;
- ``<!-- day -->``: the commands answer to something that goes wrong, and tests/e2e/test_day_in_operations.py makes it go wrong.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND_LANGUAGES = ("console", "sh")

_FENCE = re.compile(r"^```(\w*)\s*$")
_MARK = re.compile(r"^<!-- (file: (?P<file>\S+)|fleet|form|day) -->$")
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is typed, and the lines that the page says it prints; ``line`` is where it stands, from 1."""

    text: str
    line: int
    output: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``mark`` is the comment before it; ``file`` is the name in a file mark."""

    language: str
    lines: tuple[str, ...]
    line: int
    mark: str = ""
    file: str = ""

    @property
    def holds_commands(self) -> bool:
        """Whether a reader would type what stands here."""
        return self.language in COMMAND_LANGUAGES and not self.file

    def commands(self) -> Iterator[Command]:
        """The commands of the block, in order."""
        return _session(self) if self.language == "console" else _script(self)


def pages() -> list[Path]:
    """Every Markdown file of the project."""
    folders = (ROOT, ROOT / "deploy", ROOT / ".ci")
    return sorted({*(page for folder in folders for page in folder.glob("*.md")), *(ROOT / "docs").rglob("*.md")})


def name_of(page: Path) -> str:
    """The page's path in the checkout."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    start: int | None = None
    for index, line in enumerate(lines):
        fence = _FENCE.match(line)
        if start is None:
            start = index if fence else None
        elif line.strip() == "```":
            mark = _MARK.match(lines[start - 1]) if start else None
            language = (_FENCE.match(lines[start]) or [""])[1]
            file = (mark and mark["file"]) or ""
            yield Block(language, tuple(lines[start + 1 : index]), start + 2, mark[1].partition(":")[0] if mark else "", file)
            start = None
    if start is not None:
        raise ValueError(f"{page}:{start + 1}: this block never ends")


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```\s*$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def code_spans(page: Path) -> list[str]:
    """What stands between single backquotes."""
    return _CODE_SPAN.findall(prose(page))


def links(page: Path) -> list[str]:
    """The targets of the links, pictures left out."""
    return _LINK.findall(prose(page))


def _session(block: Block) -> Iterator[Command]:
    """Lines behind a prompt are commands, and what follows is output."""
    lines = list(enumerate(block.lines, block.line))
    while lines:
        number, line = lines.pop(0)
        if not line.startswith("$ "):
            raise ValueError(f"line {number}: a console block begins with a prompt, '$ '")
        text = line[2:]
        while text.endswith("\\"):
            text += "\n" + lines.pop(0)[1].removeprefix("> ")
        output: list[str] = []
        while lines and not lines[0][1].startswith("$ "):
            output.append(lines.pop(0)[1])
        yield Command(text, number, tuple(filter(str.strip, output)))


def _script(block: Block) -> Iterator[Command]:
    """Each line is a command, unless the line before it goes on."""
    text, first = "", 0
    for number, line in enumerate(block.lines, block.line):
        first = first or number
        text += line
        if line.endswith("\\"):
            text += "\n"
            continue
        if text.strip() and not text.lstrip().startswith("#"):
            yield Command(text, first)
        text, first = "", 0

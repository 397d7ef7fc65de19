"""Where one file goes: the rules for names, and the two names a file has on its way."""

import unicodedata
from dataclasses import dataclass

from domain.errors import DomainError

PART_PREFIX, PART_SUFFIX = ".billhook-", ".part"
"""Of the temporary names. No other program's files begin so; what is old and begins so is ours to remove."""

NAME_BYTES_MAX = 200
"""With prefix and suffix below the 255 bytes that most file systems take."""

# Control and format characters (which include those that turn the direction of writing), surrogates, line and paragraph ends.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Place:
    """A file's place below the root. ``folders`` are the folder's parts."""

    root: str
    folders: tuple[str, ...]
    name: str

    @property
    def folder(self) -> str:
        """The full path of the folder."""
        return _join(self.root, *self.folders) or "/"

    @property
    def final(self) -> str:
        """The full path under which the partner finds the file."""
        return _join(self.folder, self.name)

    @property
    def part(self) -> str:
        """The full path under which it is uploaded."""
        return _join(self.folder, part_name(self.name))


def place_below(root: str, folder: str, name: str) -> Place:
    """The place, or DomainError ``name_refused`` where a name could lead elsewhere or cannot be a file's name."""
    folders = tuple(folder.split("/")) if folder else ()
    for word in (*folders, name):
        _refuse_bad(word)
    return Place(root or ".", folders, name)


def part_name(name: str) -> str:
    """The temporary name of a file."""
    return f"{PART_PREFIX}{name}{PART_SUFFIX}"


def is_part(name: str) -> bool:
    """Whether a file is an upload of ours that has not got its final name."""
    return name.startswith(PART_PREFIX) and name.endswith(PART_SUFFIX)


def steps_to(folder: str) -> list[str]:
    """The folder and those above it, the topmost first: the order in which they are made."""
    parts = folder.rstrip("/").split("/")
    return [path for count in range(1, len(parts) + 1) if (path := "/".join(parts[:count])) not in {"", ".", ".."}]


def _refuse_bad(word: str) -> None:
    problem = _problem(word)
    if problem:
        raise DomainError(
            "name_refused",
            f"The file or folder name {word[:NAME_BYTES_MAX]!r} {problem}.",
            "Correct the reference that the name is made of, or the folder in the settings.",
        )


def _problem(word: str) -> str:
    if word in {"", ".", ".."}:
        return "is no name"
    if "/" in word or "\\" in word:
        return "contains a slash"
    if any(unicodedata.category(character) in _UNPRINTABLE for character in word):
        return "contains a character that cannot be printed"
    if len(word.encode()) > NAME_BYTES_MAX:
        return f"is longer than {NAME_BYTES_MAX} bytes"
    return "is kept for files on their way" if word.startswith(PART_PREFIX) else ""


def _join(*parts: str) -> str:
    first, *rest = parts
    return "/".join([first.rstrip("/"), *rest]) if first != "." else "/".join(rest) or "."

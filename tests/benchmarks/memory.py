"""How much memory a process and its children hold (Linux)."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory in MB, of the process and of all its descendants together."""

    parent: float
    children: float

    @property
    def total(self) -> float:
        """Of the whole tree."""
        return self.parent + self.children


def sample(process_id: int) -> Sample:
    """The memory now."""
    parents = _parents()
    family = {process_id}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return Sample(_resident_mb(process_id), sum(_resident_mb(child) for child in family - {process_id}))


def _parents() -> dict[int, int]:
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            # The name in brackets may hold anything, spaces too; the parent is the second word after it.
            words = _read(folder / "stat").rpartition(")")[2].split()
            if words:
                parents[int(folder.name)] = int(words[1])
    return parents


def _resident_mb(process_id: int) -> float:
    kib = _read(Path(f"/proc/{process_id}/status")).partition("VmRSS:")[2].split()
    return int(kib[0]) / 1024 if kib else 0.0


def _read(path: Path) -> str:
    """Empty where the process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""

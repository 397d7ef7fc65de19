"""Secrets of a file: written as ``${NAME}`` or ``file:PATH``, read on apply, never kept or printed as they are."""

import re
from collections.abc import Mapping
from pathlib import Path

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BYTES_MAX = 64 * 1024


def resolve_secret(written: str, folder: Path, environment: Mapping[str, str]) -> str:
    """The plain value. Raises ValueError with a sentence that never repeats what was written as a literal."""
    if variable := _VARIABLE.fullmatch(written):
        return _from_environment(variable[1], environment)
    if written.startswith("file:"):
        return _from_file(folder / Path(written.removeprefix("file:")).expanduser())
    raise ValueError("A secret does not belong in this file. Write ${NAME} of an environment variable, or file:PATH.")


def placeholder(company: str, kind: str, name: str, secret: str) -> str:
    """The variable that an export expects a secret in, e.g. ``SECRET_777_SAGE_CSV_PASSWORD``.

    Not ``BILLHOOK_…``: those names are settings.
    """
    words = filter(None, ("SECRET", company, kind, name, secret))
    return re.sub(r"[^A-Za-z0-9]+", "_", "_".join(words)).upper()


def _from_environment(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name, "")
    if not value:
        raise ValueError(f"The environment variable {name} is not set. Set it and apply again.")
    return value


def _from_file(path: Path) -> str:
    try:
        if path.stat().st_size > _BYTES_MAX:
            raise ValueError(f"The file {path} is too large for a secret.")
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"The file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"The file {path} holds no text.") from None

"""The system libraries that WeasyPrint draws with.

libharfbuzz-subset is optional to it, and without it a page takes ten times as long: a floor without it would flatter us.
"""

import ctypes

from tests.services import provision
from tests.services.process import ServiceError

_WANTED = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


def require_libraries() -> None:
    """Install what is missing, where we may; else ServiceError with what to do."""
    missing = _missing()
    if missing:
        provision._install(provision.Program("WeasyPrint's libraries", tuple(missing), ()))
    if still := _missing():
        raise ServiceError(
            f"WeasyPrint needs the system libraries that come with {', '.join(still)}. Install them, or leave out rendering."
        )


def _missing() -> list[str]:
    return [package for library, package in _WANTED.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True

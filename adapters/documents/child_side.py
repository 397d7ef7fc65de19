"""The child's side of child_process.py: answers requests under limits that also hold when the parent is dead."""

import resource
import signal
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.documents.frames import ANSWER, FAILURE, receive_frame, send_frame

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may use: processor time and wall time in seconds; and the memory of the process in MiB."""

    cpu_s: int
    wall_s: float
    memory_mib: int


def serve(answer: Callable[[bytes], bytes], limits: Limits) -> None:
    """Answer requests until the parent closes its end. A limit that strikes kills the process, which is the point."""
    memory = limits.memory_mib * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=0) as parent:
        while request := receive_frame(parent):
            _start_clocks(limits)
            reply = _guarded(answer, request)
            signal.setitimer(signal.ITIMER_REAL, 0)
            send_frame(parent, reply)


def _start_clocks(limits: Limits) -> None:
    # The limit of the kernel is for the life of the process, so it moves along with each request.
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used_s = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (used_s + limits.cpu_s + 1, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)


def _guarded(answer: Callable[[bytes], bytes], request: bytes) -> bytes:
    try:
        content = answer(request)
    except Exception:  # noqa: BLE001 - a bug here must be told to the parent, which raises it
        return FAILURE + traceback.format_exc().encode()
    return ANSWER + _memory_mib().to_bytes(4, "big") + content


def _memory_mib() -> int:
    """The highest so far of this program: on Linux ``ru_maxrss`` starts with that of the parent, which may be large."""
    if _STATUS.exists():
        peak = next(line for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) // 1024
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts in bytes
    return peak_bytes // (1024 * 1024)

"""What the figures were measured on."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from tests.services import provision
from tests.services.postgres import PostgresServer


def machine(postgres: PostgresServer) -> dict[str, Any]:
    """Processor, memory, versions, and how busy the machine was before the first measurement."""
    import psycopg  # noqa: PLC0415 - only here

    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return {
        "processor": _value("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_mb": int((_value("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) // 1024,
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": row[0] if row else "",
        "rabbitmq": _rabbitmq_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _value(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _rabbitmq_version() -> str:
    script = provision.find(provision.RABBITMQ)
    if script is None:
        return ""
    done = subprocess.run([script.with_name("rabbitmqctl"), "version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()

"""Structured logs: one line an event, on stderr; the libraries' own lines come in the same form."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_WORDS = ("password", "secret", "token", "authorization", "private_key", "hmac")
# What pika and paramiko say of a lost connection, our own events say in one line, with the next step.
_QUIET = {
    "pika": logging.CRITICAL,
    "paramiko": logging.CRITICAL,
    "dramatiq": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
}

_LOST = "Consumer encountered a connection error"


class _BrokerAway(logging.Filter):
    """Dramatiq calls a broker that is away critical. It is not: nothing is lost, and it connects again by itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("dramatiq.") or not str(record.msg).startswith(_LOST):
            return True
        if logging.getLogger().level > logging.WARNING:
            return False
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg = f"broker_away: {record.getMessage()}. Nothing is lost, it connects again by itself. Next step: billhook doctor"
        record.args = None
        return True


def configure_logging(level: str, log_format: str) -> None:
    """Set up structlog and the standard library's logging once per process; ``log_format`` is console or json."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    processors: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if log_format == "json":
        processors.append(structlog.processors.dict_tracebacks)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*processors, renderer]))
    handler.addFilter(_BrokerAway())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name, floor in _QUIET.items():
        logging.getLogger(name).setLevel(max(floor, root.level))


def _redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The second net: nothing of ours logs secrets, and what is named like one is masked all the same."""
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = "***"
    return event


class StructlogTelemetry:
    """The port ``Telemetry``."""

    def __init__(self, role: str = "") -> None:
        self._logger = structlog.get_logger().bind(**({"role": role} if role else {}))

    def event(self, name: str, **facts: object) -> None:
        """Log at info."""
        self._logger.info(name, **facts)

    def problem(self, name: str, **facts: object) -> None:
        """Log at warning."""
        self._logger.warning(name, **facts)

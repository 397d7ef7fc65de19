"""What a partner's answer over HTTP means for a delivery."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from adapters.handoff.answer import Answer
from adapters.handoff.places import has_value, value_at
from adapters.handoff.redaction import Redaction
from application.ports.handoff import HttpHandOffSettings
from domain.delivery.outcome import Delivered, Outcome, Refused, RetryLater, Unknown
from domain.errors import Invalid

_REDIRECTS, _CLIENT_ERRORS, _SERVER_ERRORS = range(300, 400), range(400, 500), range(500, 600)
_TOO_MANY = 429
# The server gave up waiting for the request, or would not yet look at it: it did nothing (RFC 9110, 15.5.9; RFC 8470).
_NOT_LOOKED_AT = frozenset({408, 425})
_NEXT_STEPS = {
    401: "Correct the user name, the password or the key of the integration, then `billhook deliveries retry {delivery}`.",
    403: "Ask the partner to let this log-in send documents, then `billhook deliveries retry {delivery}`.",
    404: "Correct the url of the integration, then `billhook deliveries retry {delivery}`.",
    405: "Correct the method of the integration, then `billhook deliveries retry {delivery}`.",
    409: "The partner says that it has something like this already. Look there, then mark it delivered or retry it.",
    415: "Correct the body of the integration (json, form, json_api), then `billhook deliveries retry {delivery}`.",
}
_NEXT_STEP = "Correct what the partner complains about, then `billhook deliveries retry {delivery}`."
_LOOK = "Look at the partner whether the document arrived, then mark it delivered or retry it."


def outcome_of(answer: Answer, settings: HttpHandOffSettings, redaction: Redaction) -> Outcome:
    """The outcome of a call that was answered. Raises Invalid where success_status cannot be read."""
    if is_success(answer.status, settings.success_status):
        return _accepted(answer, settings, redaction.short(explained(answer)))
    return failure_of(answer, redaction, repeat_is_safe=bool(settings.idempotency_header))


def failure_of(answer: Answer, redaction: Redaction, *, repeat_is_safe: bool) -> Outcome:
    """The outcome of a status that is no success. 5xx leaves open whether the document was taken."""
    status, said = answer.status, redaction.short(explained(answer))
    if status == _TOO_MANY or status in _NOT_LOOKED_AT:
        return RetryLater(f"The partner answered {status}: {said}", answer.retry_after_s)
    if status in _REDIRECTS:
        return Refused("redirected", f"The partner answered {status} and points elsewhere, which is never followed.", _NEXT_STEPS[404])
    if status in _CLIENT_ERRORS:
        return Refused(f"http_{status}", f"The partner answered {status}: {said}", _NEXT_STEPS.get(status, _NEXT_STEP))
    if status in _SERVER_ERRORS and repeat_is_safe:
        return RetryLater(f"The partner answered {status}: {said}", answer.retry_after_s)
    return Unknown(f"The partner answered {status}, which does not say whether it took the document: {said}")


def is_success(status: int, ranges: Iterable[str]) -> bool:
    """Whether a status is in ``201`` or ``200-299``. Raises Invalid for anything else."""
    for text in ranges:
        low, dash, high = text.partition("-")
        try:
            first = int(low)
            last = int(high) if dash else first
        except ValueError:
            raise Invalid("success_status", f"{text!r} is no status", "Write 201, or 200-299.") from None
        if first <= status <= last:
            return True
    return False


def explained(answer: Answer) -> str:
    """What the answer says went wrong, in the usual shapes of JSON (JSON:API errors, problem details), else its text."""
    try:
        found = answer.json()
    except ValueError:
        return answer.text or "(no text)"
    errors = found.get("errors") if isinstance(found, Mapping) else None
    if isinstance(errors, list) and errors:
        return "; ".join(_error_text(error) for error in errors)
    return _error_text(found)


def _error_text(error: Any) -> str:
    if not isinstance(error, Mapping):
        return str(error)
    pointer = value_at(error, "source.pointer")
    texts = [str(error[name]) for name in ("title", "detail", "message", "error", "error_description") if isinstance(error.get(name), str)]
    where = [f"({pointer})"] if pointer else []
    return " ".join([*texts, *where]) if texts else json.dumps(error, ensure_ascii=False)


def _accepted(answer: Answer, settings: HttpHandOffSettings, said: str) -> Outcome:
    try:
        document = answer.json()
    except ValueError as error:
        if settings.success_path:
            return Unknown(f"The partner answered {answer.status}, and the answer cannot be read ({error}): {said}")
        return Delivered()
    if settings.success_path and not has_value(document, settings.success_path):
        text = f"The partner answered {answer.status} without a value at {settings.success_path}: {said}"
        return Refused("not_accepted", text, _LOOK)
    return Delivered(remote_id=remote_id(document, settings.remote_id_path))


def remote_id(document: Any, path: str) -> str:
    """The partner's own name for the document; empty where there is none."""
    found = value_at(document, path) if path else None
    return str(found)[:200] if isinstance(found, str | int) else ""

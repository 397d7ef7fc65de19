"""How one try of a delivery may end. A destination answers with one of these and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivered:
    """It is there. ``remote_id`` is the destination's own name for it; ``detail`` what is worth keeping with the attempt."""

    remote_id: str = ""
    remote_url: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StepDone:
    """One of several effects of a delivery has happened, and another is to come: it is recorded before that one begins.

    A delivery that is tried again gets its recorded steps with it and goes on behind the last one.
    """

    step: str
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Nothing happened there; try again. ``after_s`` in seconds where the other side said so."""

    reason: str
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was handed over, and no certain answer came: look up before any resend."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A permanent no: a person has to do ``next_step``, where ``{delivery}`` stands for the id of the delivery."""

    code: str
    text: str
    next_step: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection cannot be used for anything now; nothing of this document was handed over.

    ``code`` and ``next_step`` where it does not pass by itself, or not soon: people are told of it at once. ``after_s`` in seconds where
    the other side said when it passes.
    """

    reason: str
    code: str = ""
    next_step: str = ""
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class NotThere:
    """A look-up's answer: the destination does not have it, so it may be sent."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """A look-up's answer: the destination cannot say. A person decides; ``how_to_check`` tells how."""

    how_to_check: str


@dataclass(frozen=True, slots=True)
class PartlyThere:
    """A look-up's answer: these steps have happened, what comes after them has not and may be sent."""

    steps: tuple[StepDone, ...]


Outcome = Delivered | RetryLater | Unknown | Refused | ConnectionLost
LookUp = Delivered | PartlyThere | NotThere | CannotTell | RetryLater

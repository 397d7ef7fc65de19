"""Incidents, and what is still to be told of them by webhook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.delivery.incident import Incident, IncidentEvent


@dataclass(frozen=True, slots=True)
class Sighting:
    """A cause that was seen. ``count`` is how many things it holds up that were not counted before."""

    cause: str
    subject: str
    company: str
    recipients: str
    sender: str
    text: str
    next_step: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """An event of an incident on its way to the webhook; the incident as it is now."""

    notice_id: int
    event: IncidentEvent
    at: datetime
    attempts: int
    incident: Incident


class Incidents(Protocol):
    """The store of incidents inside a unit of work."""

    def note(self, sighting: Sighting, at: datetime) -> tuple[Incident, bool]:
        """Open it, or count up the one that is open; whether it was opened now. Its text and next step stay those of the first.

        One that was over for less than ``QUIET`` is open again, as if it had never been over.
        """
        ...

    def remind(self, incident: Incident, at: datetime) -> bool:
        """It was told again; False where somebody else did that meanwhile, or it is over."""
        ...

    def resolve(self, incident: Incident, at: datetime) -> bool:
        """It is over; False where it was already."""
        ...

    def ended(self, before: datetime, limit: int) -> Sequence[Incident]:
        """Those that are over since before a time, and of which nobody was told that they are, oldest first."""
        ...

    def end(self, incident: Incident) -> bool:
        """Whether it is still over and nobody was told yet; true for one unit of work only, which must add the notice."""
        ...

    def recount(self, incident: Incident, count: int) -> None:
        """So many things are held up by it now."""
        ...

    def open_about(self, subject: str) -> Sequence[Incident]:
        """The open incidents of a subject, oldest first."""
        ...

    def list(self, after: int, limit: int, *, open_only: bool, company: str | None = None) -> Sequence[Incident]:
        """By id behind ``after``, of a company where one is named."""
        ...

    def deliveries_left(self, incident: Incident) -> int:
        """How many deliveries of the subject still need a person for this cause."""
        ...

    def is_waited_for(self, incident: Incident) -> bool:
        """Whether deliveries of the subject wait for it to end."""
        ...

    def add_notice(self, incident: Incident, event: IncidentEvent, at: datetime) -> None:
        """An event that the webhook must be told."""
        ...

    def due_notices(self, at: datetime, limit: int) -> Sequence[Notice]:
        """What is due, oldest first; of each incident only the first, so that its events arrive in order."""
        ...

    def posted(self, notice: Notice, at: datetime) -> None:
        """The webhook has it."""
        ...

    def put_off(self, notice: Notice, due_at: datetime | None, error: str) -> None:
        """It could not be told: try again then; None gives it up."""
        ...

    def drop_notices(self, at: datetime) -> None:
        """There is nobody to tell: nothing of what is due is due any more."""
        ...

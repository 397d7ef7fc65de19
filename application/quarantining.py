"""What is told to who wants something done with a message that was set aside."""

from application.ports.quarantine import QuarantinedMessage
from application.ports.unit_of_work import UnitOfWork
from domain.errors import Conflict, NotFound


def quarantined(uow: UnitOfWork, quarantine_id: int) -> QuarantinedMessage:
    """One by id. Raises NotFound."""
    row = uow.quarantine.find(quarantine_id)
    if row is None:
        raise NotFound("quarantined message", f"qrt_{quarantine_id}", "billhook quarantine list")
    return row


def settled_already(row: QuarantinedMessage) -> Conflict:
    """The refusal of a step on a message that is dismissed or was read after all, with when and by whom."""
    name = f"qrt_{row.quarantine_id}"
    if row.dismissal is not None:
        at = row.dismissal.at.isoformat(sep=" ", timespec="seconds")
        text = f"{name} was dismissed by {row.dismissal.actor} at {at}: {row.dismissal.reason}"
        step = f"If an order of it is missing all the same, mend its body (billhook quarantine show {name}) and bring it in with"
        return Conflict("dismissed", text, f"{step} billhook orders import FILE.")
    at = row.replayed_at.isoformat(sep=" ", timespec="seconds") if row.replayed_at else ""
    return Conflict("replayed", f"{name} was read after all{f' at {at}' if at else ''}.", f"Nothing to do: billhook trace {name}")

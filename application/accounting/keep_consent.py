"""What is kept of a consent that was given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.accounting.access_tokens import NEEDS_REAUTH
from application.accounting.consent_desk import Consenting
from application.accounting.next_steps import disconnect_command
from application.incidents import resolve_about
from application.ports.audit_log import AuditEntry
from application.ports.connections import Connection, ConnectionState, Tokens
from application.ports.oauth import Organisation
from application.ports.unit_of_work import UnitOfWork
from domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it was given: the tokens, what they may do, and who connected when."""

    tokens: Tokens
    scopes: tuple[str, ...]
    actor: str
    at: datetime


def keep_consent(uow: UnitOfWork, asked: Consenting, given: Given, organisation: Organisation) -> tuple[Connection, bool]:
    """The connection as it is kept, and whether it is a reconnect; the lane tries again at once.

    Raises DomainError("other_organisation") where the integration is connected to another one: half of its documents would be there.
    """
    path = asked.integration.path
    before = uow.connections.lock(path)
    known = before is not None and bool(before.organisation_id)
    if before is not None and known and before.organisation_id != organisation.organisation_id:
        raise other_organisation(before, organisation)
    after = replace(
        before or Connection(path, ConnectionState.OK),
        state=ConnectionState.OK,
        reason="",
        client_id=asked.app.client_id,
        organisation_id=organisation.organisation_id,
        organisation_name=organisation.name,
        consent_id=organisation.consent_id,
        scopes=given.scopes or asked.app.scopes,
        tokens=given.tokens,
        refreshed_at=given.at,
        connected_at=given.at,
    )
    uow.connections.save(after, given.at)
    uow.connections.save_pending(path, None, given.at)
    uow.deliveries.wake(path)
    resolve_about(uow, path, lambda incident: incident.cause == NEEDS_REAUTH, given.at)
    detail = f"{organisation.name} ({organisation.organisation_id}), scopes: {' '.join(after.scopes)}"
    uow.audit.add(AuditEntry(given.at, given.actor, "reconnected" if known else "connected", path, detail=detail))
    return after, known


def choose(organisations: Sequence[Organisation], before: Connection | None, wanted: str) -> Organisation | None:
    """The organisation that is meant; None where a person has to say.

    ``wanted`` is an id or a name; else it is the one that was connected before, else the only one. Raises DomainError("no_organisation")
    where the consent reaches none, or not the one that is wanted.
    """
    if wanted:
        found = [each for each in organisations if wanted in {each.organisation_id, each.name}]
        if len(found) == 1:
            return found[0]
        raise _not_reached(organisations, wanted)
    if not organisations:
        raise _not_reached(organisations, "")
    again = [each for each in organisations if before is not None and each.organisation_id == before.organisation_id]
    if again:
        return again[0]
    return organisations[0] if len(organisations) == 1 else None


def other_organisation(before: Connection, organisation: Organisation) -> DomainError:
    """The refusal of a reconnect to somewhere else."""
    text = (
        f"{before.integration} is connected to {before.organisation_name} ({before.organisation_id}), and this consent is for "
        f"{organisation.name} ({organisation.organisation_id}). What was delivered there would not be found here."
    )
    step = f"Give consent for {before.organisation_name}. If the books did move, end the old connection first: "
    return DomainError("other_organisation", text, step + disconnect_command(before.integration))


def _not_reached(organisations: Sequence[Organisation], wanted: str) -> DomainError:
    what = f"no organisation {wanted!r}, or several of that name" if wanted else "no organisation"
    reached = ", ".join(f"{each.name} ({each.organisation_id})" for each in organisations)
    text = f"The consent reaches {what}.{f' It reaches: {reached}.' if reached else ''}"
    step = "Name one that it reaches with --organisation ID, or connect again and choose it at the vendor."
    return DomainError("no_organisation", text, step)

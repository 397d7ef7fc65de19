"""Finish to connect an integration: take the code that the vendor sent the browser back with."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from application.accounting.consent_desk import ConsentDesk, Consenting
from application.accounting.keep_consent import Given, choose, keep_consent
from application.accounting.next_steps import connect_command
from application.ports.audit_log import AuditEntry
from application.ports.clock import Clock
from application.ports.connections import PendingConsent
from application.ports.oauth import Organisation
from application.ports.task_queue import TaskQueue
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.begin_connect import Connected
from domain.errors import DomainError

# Time enough to find who may log in at the vendor; the code itself lives for minutes only.
_BEGUN_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FinishConnect:
    """``redirected_url`` is the address the browser ended at, or its query alone; ``organisation`` an id or a name."""

    integration: str
    redirected_url: str = field(repr=False)
    actor: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class ChooseOrganisation:
    """The consent reaches several: the same command again, with one of them, finishes."""

    integration: str
    organisations: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class FinishConnectHandler:
    """What the code gave is kept at once, so that choosing, or trying again after a failure, needs no second consent."""

    desk: ConsentDesk
    units_of_work: UnitsOfWork
    task_queue: TaskQueue
    clock: Clock

    def __call__(self, command: FinishConnect) -> Connected | ChooseOrganisation:
        """Raises NotFound, Invalid, TemporaryFailure and DomainError.

        Its codes: not_begun, wrong_state, consent_denied, consent_expired, consent_refused, no_organisation, other_organisation.
        """
        asked = self.desk.find(command.integration)
        answer = _answer(command.redirected_url)
        pending = self._pending(command, answer)
        if pending.tokens is None:
            pending = self._exchange(asked, pending, answer.get("code", ""))
        tokens = pending.tokens
        if tokens is None:
            raise TypeError("a code was exchanged for nothing")
        organisations = asked.vendor.organisations(asked.app, tokens)
        given = Given(tokens, pending.scopes, command.actor, self.clock.now())
        with self.units_of_work() as uow:
            before = uow.connections.find(command.integration)
            organisation = choose(organisations, before, command.organisation)
            if organisation is None:
                return ChooseOrganisation(command.integration, tuple(organisations))
            kept = keep_consent(uow, asked, given, organisation)
            uow.commit()
        self.task_queue.lanes_due([command.integration])
        return Connected(*kept)

    def _pending(self, command: FinishConnect, answer: dict[str, str]) -> PendingConsent:
        """The consent this is the answer to. A denied one and an old one are given up."""
        begin = connect_command(command.integration)
        with self.units_of_work() as uow:
            pending = uow.connections.pending(command.integration)
            if pending is None:
                raise DomainError("not_begun", f"No consent for {command.integration} is waited for.", f"Begin: {begin}")
            if not hmac.compare_digest(pending.state.encode(), answer.get("state", "").encode()):
                text = "The address belongs to another consent: its state is not the one that was sent out."
                raise DomainError("wrong_state", text, f"Use the address of the consent that was begun last, or begin again: {begin}")
            refusal = self._refusal(pending, answer, begin)
            if refusal is None:
                return pending
            now = self.clock.now()
            uow.connections.save_pending(command.integration, None, now)
            uow.audit.add(AuditEntry(now, command.actor, refusal.code, command.integration, detail=refusal.text))
            uow.commit()
        raise refusal

    def _refusal(self, pending: PendingConsent, answer: dict[str, str], begin: str) -> DomainError | None:
        if "error" in answer:
            said = " ".join(filter(None, (answer["error"], answer.get("error_description", ""))))[:200]
            text = f"The vendor sent the user back without a consent: {said}."
            return DomainError("consent_denied", text, f"Ask the user to agree, or correct the scopes, and begin again: {begin}")
        if pending.tokens is None and "code" not in answer:
            return DomainError("consent_denied", "The address has no code in it.", f"Begin again: {begin}")
        if self.clock.now() - pending.asked_at > _BEGUN_FOR:
            return DomainError("consent_expired", "The consent was begun more than an hour ago.", f"Begin again: {begin}")
        return None

    def _exchange(self, asked: Consenting, pending: PendingConsent, code: str) -> PendingConsent:
        # The redirect address must be the one that was sent out, whatever the settings say by now.
        granted = asked.vendor.exchange(replace(asked.app, redirect_uri=pending.redirect_uri), code, pending.verifier)
        taken = replace(pending, tokens=granted.tokens, scopes=granted.scopes)
        with self.units_of_work() as uow:
            uow.connections.save_pending(asked.integration.path, taken, self.clock.now())
            uow.commit()
        return taken


def _answer(redirected_url: str) -> dict[str, str]:
    """The parameters of the address; the first of each name."""
    text = redirected_url.strip()
    query = urlsplit(text).query or (text.lstrip("?") if "=" in text and "://" not in text else "")
    return {name: values[0] for name, values in parse_qs(query).items()}

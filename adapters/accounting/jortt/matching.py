"""Which of the customers there is ours (seed 003: "by e-mail"). Pure: it says whom, or why nobody can say."""

from collections.abc import Sequence

from adapters.accounting.jortt.customer_record import customer_key
from adapters.accounting.jortt.directories import Entry
from adapters.accounting.jortt.texts import email_form, folded, folded_name
from domain.errors import DomainError
from domain.parties import Party

_SHOWN_MAX = 5


def match(party: Party, entries: Sequence[Entry]) -> Entry | None:
    """By our reference, then by exact e-mail and name; without an e-mail by name and postcode. None where it is nobody.

    Raises DomainError("customer_ambiguous") where several fit, ("mailbox_shared") where only others have the address, and
    ("customer_archived").
    """
    key = customer_key(party)
    with_reference = [entry for entry in entries if entry.reference == key]
    fitting = with_reference or (_by_email(party, entries) if email_form(party.email) else _by_name(party, entries))
    usable = [entry for entry in fitting if not entry.is_archived] or fitting
    if len(usable) > 1:
        raise _ambiguous(party, usable)
    if usable and usable[0].is_archived:
        step = "Take the customer out of the archive in jortt"
        raise DomainError("customer_archived", f"{usable[0].name} is in the archive in jortt.", step)
    return usable[0] if usable else None


def named(wanted: str, entries: Sequence[Entry]) -> Entry:
    """The one customer of a name, a reference or an id, as ``default_customer`` names it. Raises DomainError("customer_missing")."""
    exact = [entry for entry in entries if wanted == entry.customer_id or folded(wanted) == entry.reference]
    found = exact or [entry for entry in entries if entry.folded_name == folded_name(wanted)]
    usable = [entry for entry in found if not entry.is_archived]
    if len(usable) != 1:
        text = f"jortt has {len(usable) or 'no'} customer{'s' if len(usable) > 1 else ''} {wanted!r}."
        raise DomainError("customer_missing", text, "Correct default_customer: the name, the reference or the id of one customer")
    return usable[0]


def _by_email(party: Party, entries: Sequence[Entry]) -> list[Entry]:
    name = folded_name(party.name)
    sharing = [entry for entry in entries if entry.email == email_form(party.email)]
    ours = [entry for entry in sharing if entry.folded_name == name]
    others = [entry for entry in sharing if not entry.is_archived]
    if not ours and others:
        raise _shared(party, others)
    return ours


def _by_name(party: Party, entries: Sequence[Entry]) -> list[Entry]:
    name, postcode = folded_name(party.name), folded(party.address.postcode).replace(" ", "")
    return [entry for entry in entries if entry.folded_name == name and (not entry.postcode or entry.postcode == postcode)]


def _ambiguous(party: Party, found: Sequence[Entry]) -> DomainError:
    text = f"jortt has {len(found)} customers that may be {party.name} <{party.email or 'no e-mail'}>: {_names(found)}."
    step = f"Write the reference {customer_key(party)} to the one that is meant in jortt"
    return DomainError("customer_ambiguous", text, step)


def _shared(party: Party, found: Sequence[Entry]) -> DomainError:
    text = f"jortt has {_names(found)} under the e-mail {party.email}, and this document is for {party.name}."
    step = f"If they are the same, write the reference {customer_key(party)} to that customer in jortt; else add {party.name} there with it"
    return DomainError("mailbox_shared", text, step)


def _names(found: Sequence[Entry]) -> str:
    return " and ".join(f"{entry.name!r}" for entry in found[:_SHOWN_MAX])

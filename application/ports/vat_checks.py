"""Asking the register of a country whether a VAT number is in use there, and keeping what it answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class VatCheck:
    """An answer, to be kept as evidence.

    ``vat_number`` is the number as it was asked for, with its prefix: capitals, without blanks, dots and hyphens. ``valid`` is None where
    no register answers for such numbers; ``reason`` then says why, and where a number is not valid it says how that is known.
    ``consultation_number`` proves to a tax office that this question was answered then; it is empty where no requester was given.
    ``name`` and ``address`` are empty where the country does not disclose them. ``checked_at`` is aware, in UTC.
    """

    vat_number: str
    valid: bool | None
    consultation_number: str
    name: str
    address: str
    checked_at: datetime
    reason: str = ""


class VatChecker(Protocol):
    """Asks registers over the network: never inside a unit of work. Nothing is kept; that is the caller's part."""

    def check(self, vat_number: str, requester: str) -> VatCheck:
        """Ask. ``requester`` is our own VAT number, which an answer with a consultation number needs; empty to ask without.

        Raises TemporaryFailure where the register cannot answer now, which says nothing about the number. Raises
        DomainError("vat_requester_invalid") where our own number is not accepted and DomainError("vat_check_blocked") where the
        register bars this number or us: then a person has to act.
        """
        ...


class VatChecks(Protocol):
    """The store of answers inside a unit of work: evidence, so it is only ever appended to."""

    def keep(self, check: VatCheck, requester: str) -> None:
        """Append an answer to a question of ours. ``check.valid`` is True or False: what no register covers is no answer."""
        ...

    def latest(self, vat_number: str, requester: str) -> VatCheck | None:
        """The answer of the latest question about a number by a requester; both as ``VatCheck.vat_number`` is written."""
        ...

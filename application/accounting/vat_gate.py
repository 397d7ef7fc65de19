"""Whether a sale may go out without tax: the buyer's VAT number is asked of the register first, and the answer kept as evidence."""

from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.ports.vat_checks import VatCheck, VatChecker
from domain.delivery.outcome import Refused, RetryLater
from domain.errors import DomainError, TemporaryFailure

# A register is away for hours, and limits who asks often; what it answers a person waits for, not a machine.
_ASK_AGAIN_S = 3600.0
_GOOD_FOR = timedelta(days=30)
# A number that was just registered must not be refused for a month.
_BAD_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class VatClaim:
    """Somebody is charged no tax because of a VAT number. ``invoice`` is its number, empty for an order."""

    vat_number: str
    requester: str
    company: str
    invoice: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """The sale may go out. ``evidence`` says by which answer; empty where no register covers such numbers."""

    evidence: str = ""


Verdict = Passed | RetryLater | Refused


@dataclass(frozen=True, slots=True)
class VatGate:
    """An answer is asked once and then good for a while: a yes for ``good_for``, a no for ``bad_for``.

    That a register cannot answer is no answer: the document waits, and who delivers it counts how often.
    """

    checker: VatChecker
    units_of_work: UnitsOfWork
    clock: Clock
    good_for: timedelta = _GOOD_FOR
    bad_for: timedelta = _BAD_FOR

    def __call__(self, claim: VatClaim) -> Verdict:
        """May go over the network: never call it inside a unit of work."""
        number, requester = compact(claim.vat_number), compact(claim.requester)
        check = self._known(number, requester)
        if check is None:
            try:
                check = self.checker.check(number, requester)
            except TemporaryFailure as failure:
                return RetryLater(failure.text, max(failure.retry_after_s or 0.0, _ASK_AGAIN_S))
            except DomainError as error:
                return Refused(error.code, error.text, f"{error.next_step} Then: billhook deliveries retry {{delivery}}".strip())
            self._keep(check, requester)
        return _verdict(check, claim)

    def evidence(self, claim: VatClaim) -> str:
        """By which answer a claim passed before, however old it is now; empty where none is kept. Asks nobody."""
        check = self._latest(compact(claim.vat_number), compact(claim.requester))
        verdict = None if check is None else _verdict(check, claim)
        return verdict.evidence if isinstance(verdict, Passed) else ""

    def _latest(self, number: str, requester: str) -> VatCheck | None:
        with self.units_of_work() as uow:
            return uow.vat_checks.latest(number, requester)

    def _known(self, number: str, requester: str) -> VatCheck | None:
        check = self._latest(number, requester)
        if check is None:
            return None
        age = self.clock.now() - check.checked_at
        return check if age < (self.good_for if check.valid else self.bad_for) else None

    def _keep(self, check: VatCheck, requester: str) -> None:
        """Where the process dies before, the register is asked once more: that does no harm."""
        if check.valid is None:
            return
        with self.units_of_work() as uow:
            uow.vat_checks.keep(check, requester)
            uow.commit()


def compact(vat_number: str) -> str:
    """As ``VatCheck.vat_number`` is written: capitals, without blanks, dots and hyphens."""
    return "".join(character for character in vat_number if character not in " \t.-").upper()


def _verdict(check: VatCheck, claim: VatClaim) -> Verdict:
    if check.valid is None:
        return Passed()
    if not check.valid:
        return Refused("vat_number_invalid", f"The buyer's VAT number {check.vat_number} is not valid. {check.reason}", _mend(claim))
    consultation = f", consultation {check.consultation_number}" if check.consultation_number else ""
    return Passed(f"VAT number {check.vat_number} valid on {check.checked_at:%Y-%m-%d}{consultation}")


def _mend(claim: VatClaim) -> str:
    correct = f"Correct vat_number of company {claim.company} and apply, or billing_vat_number of the customer's order at its source"
    if not claim.invoice:
        return f"{correct}; it then comes with the next version of the order. Then: billhook deliveries retry {{delivery}}"
    again = f"billhook invoices credit {claim.invoice} --reissue --reason 'VAT number not valid'"
    return f"{correct}. Then: billhook deliveries cancel {{delivery}}, and {again}"

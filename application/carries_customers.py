"""A destination that also takes customers by themselves, as flows bring them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from application.ports.destination import CheckResult, Consignment, CustomerDocument, Destination
from domain.delivery.outcome import Delivered, LookUp, NotThere, Outcome, Refused, RetryLater, StepDone
from domain.errors import DomainError, TemporaryFailure

# These end a lane's visit; every other error is about one customer.
_OF_THE_LANE = frozenset({"needs_reauth", "no_access", "scope_missing", "licence_missing", "address_refused"})


@dataclass(frozen=True, slots=True)
class CustomerCarryingDestination:
    """The port ``Destination``. ``write`` makes or changes one customer there, and may be done twice without harm."""

    inner: Destination
    write: Callable[[Consignment, CustomerDocument], Delivered]

    def deliver(
        self, batch: Sequence[Consignment], handing_over: Callable[[Sequence[Consignment]], None]
    ) -> Iterator[tuple[Consignment, Outcome | StepDone]]:
        """Customers first, one after the other, then all else in one batch."""
        rest = []
        for consignment in batch:
            if isinstance(consignment.document, CustomerDocument):
                handing_over([consignment])
                yield consignment, self._written(consignment, consignment.document)
            else:
                rest.append(consignment)
        if rest:
            yield from self.inner.deliver(rest, handing_over)

    def look_up(self, consignment: Consignment) -> LookUp:
        """A customer may be written again: it is found there, and never made twice."""
        return NotThere() if isinstance(consignment.document, CustomerDocument) else self.inner.look_up(consignment)

    def check(self) -> Sequence[CheckResult]:
        """As the destination behind."""
        return self.inner.check()

    def preview(self, consignment: Consignment) -> str:
        """As the destination behind."""
        return self.inner.preview(consignment)

    def _written(self, consignment: Consignment, customer: CustomerDocument) -> Outcome:
        try:
            return self.write(consignment, customer)
        except TemporaryFailure as failure:
            return RetryLater(failure.text, failure.retry_after_s)
        except DomainError as error:
            if error.code in _OF_THE_LANE:
                raise
            step = f"{error.next_step}, then: " if error.next_step else ""
            return Refused(error.code, error.text, f"{step}billhook deliveries retry {{delivery}}")

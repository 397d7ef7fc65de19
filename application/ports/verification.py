"""Questions that only the whole store can answer, for `verify`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Verification(Protocol):
    """Each answer is a list of sentences about what is wrong; empty where all is well."""

    def orders_on_several_invoices(self) -> Sequence[str]:
        """I2: orders on more than one live invoice, or marked otherwise than the invoices say."""
        ...

    def documents_delivered_twice(self) -> Sequence[str]:
        """I3: pairs of document and integration with more than one delivery or one delivered more than once unasked."""
        ...

    def orders_without_trace(self) -> Sequence[str]:
        """I4: orders whose newest version has no accepted message, and accepted messages without an order."""
        ...

    def invoices_owed_nowhere(self) -> Sequence[str]:
        """I4: invoices for which a delivery that was owed at issue is missing."""
        ...

    def missing_guards(self) -> Sequence[str]:
        """I5: triggers that keep issued documents and records of the past, and that are gone or switched off."""
        ...

    def documents_across_companies(self) -> Sequence[str]:
        """I6: deliveries or order links that join data of two companies."""
        ...

    def stuck_work(self, at: datetime) -> Sequence[str]:
        """I7: work that was due well before ``at`` and that nothing holds back, yet is not moving: void leases, overdue runs."""
        ...

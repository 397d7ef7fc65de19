"""What is noted about sending, outside of the delivery itself: since when jortt has been asked, and whose figures agreed.

Sent cannot be taken back. So a customer's first document is sent only after its draft was compared; when jortt came to our figures there,
later documents of this customer are created and sent with one call. That is noted before the call: where its answer is lost and a draft is
found, jortt is sending that draft, and must not be asked again.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink

_AGREED, _ASKED = "figures_agreed", "sending_asked"


@dataclass(frozen=True, slots=True)
class SendingNotes:
    """Notes of one visit; they are kept for all workers."""

    memory: RemoteMemory
    scope: Callable[[], str]

    def agreed(self, customer_ids: Collection[str]) -> frozenset[str]:
        """Those of the customers for whom jortt came to our figures."""
        return frozenset(self.memory.by_key(self.scope(), _AGREED, customer_ids)) if customer_ids else frozenset()

    def agree(self, customer_id: str, document_id: str) -> None:
        """It came to our figures on this document."""
        if customer_id and not self.agreed([customer_id]):
            self.memory.put(self.scope(), [RemoteLink(_AGREED, customer_id, document_id)])

    def disagree(self, customer_id: str) -> None:
        """It did not: the next one is compared before it is sent."""
        if self.agreed([customer_id]):
            self.memory.remove(self.scope(), _AGREED, customer_id)

    def ask(self, tokens: Sequence[str]) -> None:
        """Right before jortt is asked to send these, by the tokens of their consignments."""
        if not tokens:
            return
        now = self.memory.clock.now().isoformat()
        self.memory.put(self.scope(), [RemoteLink(_ASKED, token, "", now) for token in tokens])

    def asked_at(self, token: str) -> datetime | None:
        """Since when it may be under way; None where nobody asked."""
        link = self.memory.by_key(self.scope(), _ASKED, [token]).get(token)
        return datetime.fromisoformat(link.fingerprint) if link else None

    def forget(self, tokens: Collection[str]) -> None:
        """They are sent, or are to be created without being sent."""
        known = self.memory.by_key(self.scope(), _ASKED, tokens) if tokens else ()
        if known:
            self.memory.remove(self.scope(), _ASKED, *known)

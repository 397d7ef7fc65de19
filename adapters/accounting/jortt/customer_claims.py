"""Who creates a customer. jortt keeps nothing unique, so only one worker of the fleet may at a time, and what it began is noted.

A claim is a link under our key with the claimant as its remote id. A claim that was given up without a certain answer has no claimant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.accounting.remote_memory import RemoteMemory
from application.ports.remote_links import RemoteLink
from domain.errors import TemporaryFailure

CUSTOMER, _BEGUN = "customer", "customer_begun"
# Longer than any call takes: who has not finished by then is gone.
_LIVES = timedelta(minutes=3)
_AGAIN_S = 3.0


@dataclass(frozen=True, slots=True)
class CustomerClaims:
    """Claims of one visit."""

    memory: RemoteMemory
    scope: Callable[[], str]
    claimant: str

    def is_begun(self, key: str) -> bool:
        """Whether one may have been created without our knowing. Raises TemporaryFailure while another worker is at it."""
        with self.memory.units_of_work() as uow:
            link = uow.remote_links.by_key(self.scope(), _BEGUN, [key]).get(key)
        self._require_free(link)
        return link is not None

    def claim(self, key: str) -> str:
        """Take it; the id where another worker created the customer meanwhile. Raises TemporaryFailure as ``is_begun``."""
        scope, now = self.scope(), self.memory.clock.now()
        with self.memory.units_of_work() as uow:
            # The row of a budget that nobody counts: whoever has it locked is the only one to claim.
            uow.call_budgets.lock(f"{scope}:customers")
            created = uow.remote_links.by_key(scope, CUSTOMER, [key]).get(key)
            if created is not None:
                return created.remote_id
            self._require_free(uow.remote_links.by_key(scope, _BEGUN, [key]).get(key))
            uow.remote_links.put(scope, [RemoteLink(_BEGUN, key, self.claimant, now.isoformat())], now)
            uow.commit()
        return ""

    def give_up(self, key: str) -> None:
        """No certain answer came: the next one looks twice before it creates."""
        self.memory.put(self.scope(), [RemoteLink(_BEGUN, key, "", self.memory.clock.now().isoformat())])

    def end(self, key: str) -> None:
        """It is created and kept, or jortt refused it."""
        self.memory.remove(self.scope(), _BEGUN, key)

    def _require_free(self, link: RemoteLink | None) -> None:
        if link is None or link.remote_id in {"", self.claimant}:
            return
        if self.memory.clock.now() - datetime.fromisoformat(link.fingerprint) < _LIVES:
            raise TemporaryFailure("Another worker is creating this customer.", retry_after_s=_AGAIN_S)

"""A stateful fake of Fortnox: OAuth, the /3 API with its oddities, limits, and faults on demand.

A test takes the fixture ``fake_fortnox`` from ``fixtures``, adds a company and an app, points the adapter to ``api_url`` and ``auth_url``,
plans ``faults``, and looks afterwards at ``effects()``, ``emails_sent``, ``calls`` and the registers of the company. Where the facts
about Fortnox leave a choice, the fake takes the stricter reading, so that an adapter that passes here need not know which one is true.
"""

from tests.fakes.fortnox.company import Company, Effect, Kept, SentMail
from tests.fakes.fortnox.server import FakeFortnox

__all__ = ["Company", "Effect", "FakeFortnox", "Kept", "SentMail"]

"""A stateful stand-in for Xero's accounting API: ``with FakeXero() as xero``. Beside what its rules say, it may be stricter, never looser.

Where the real behaviour is not known, the choice made here is written where it is made.
"""

from tests.fakes.xero import faults
from tests.fakes.xero.chart import Account, TaxRate
from tests.fakes.xero.contract import Contract
from tests.fakes.xero.fake import FakeXero
from tests.fakes.xero.faults import Fault
from tests.fakes.xero.identity import App, Tokens
from tests.fakes.xero.limits import Allowance
from tests.fakes.xero.organisation import Attachment, Organisation

__all__ = ["Account", "Allowance", "App", "Attachment", "Contract", "FakeXero", "Fault", "Organisation", "TaxRate", "Tokens", "faults"]

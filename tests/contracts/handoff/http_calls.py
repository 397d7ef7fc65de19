"""What is sent in the tests of the HTTP hand-off, and how long it may take."""

from datetime import date
from decimal import Decimal

from adapters.handoff.http import HttpHandOff
from application.ports.handoff import HandOffTimeouts

PAYLOAD = {"ref": "SO-1001", "name": "Zoë", "price": Decimal("6.250"), "on": date(2026, 11, 21), "lines": [{"sku": "A", "quantity": 2}]}
PATIENT, QUICK = HandOffTimeouts(20, 20, 20), HandOffTimeouts(20, 0.3, 0.5)


def send(hand_off: HttpHandOff, payload=PAYLOAD, token: str = "delivery-7-0"):
    """The outcome; what is told before handing over is nothing here."""
    return hand_off.send(payload, token, lambda: None)

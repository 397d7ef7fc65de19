"""The register, connected to a fake VIES as the fleet connects."""

from collections.abc import Callable

import pytest

from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from adapters.vat_register.vies import ViesVatRegister
from adapters.vat_register.vies_call import ViesTimeouts
from tests.fakes.clock import SetClock
from tests.fakes.vies.fixtures import vies

__all__ = ["open_register", "register", "vies"]

PATIENT = ViesTimeouts(20, 20, 20, 20)


@pytest.fixture
def open_register(vies) -> Callable[..., ViesVatRegister]:
    """Opens registers with other settings."""

    def opened(url: str = "", timeouts: ViesTimeouts = PATIENT, allowed: str = "127.0.0.0/8") -> ViesVatRegister:
        sessions = OutboundSessions(OutboundAddresses(parse_allowed_networks(allowed)))
        return ViesVatRegister(sessions.open, SetClock(), url or vies.address, timeouts)

    return opened


@pytest.fixture
def register(open_register) -> ViesVatRegister:
    return open_register()

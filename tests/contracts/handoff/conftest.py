"""The two hand-offs, each with a partner of its own to send to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
import requests

from adapters.handoff.http import HttpHandOff
from adapters.handoff.soap import SoapHandOff
from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from application.ports.handoff import HandOff, HandOffTimeouts, HttpHandOffSettings, SoapHandOffSettings, SoapLogIn
from tests.services.http_partner import HttpPartner
from tests.services.soap_partner import PASSWORD, USERNAME, SoapPartner

ORDER: dict[str, Any] = {
    "reference": "SO-1001 Zoë & <Söhne>",
    "currency": "GBP",
    "address": {"name": "Gift Shop", "city": "Leeds", "country": "GB"},
    "line": [{"sku": "TEE-BLK-M", "quantity": 2, "price": Decimal("6.25")}],
}
PATIENT = HandOffTimeouts(connect_s=20, read_s=20, answer_s=20)


@dataclass
class Bench:
    """A hand-off, its partner, and how to make both anew with other settings."""

    partner: HttpPartner
    payload: Mapping[str, Any]
    open: Callable[..., HandOff]
    kept: Callable[[], int]
    calls: list[str] = field(default_factory=list)

    def handing_over(self) -> None:
        """Note that the document is about to leave."""
        self.calls.append("handing over")


def session_to(stack: ExitStack, allowed: str = "127.0.0.0/8") -> requests.Session:
    """A session as the fleet opens them, loopback allowed."""
    return stack.enter_context(OutboundSessions(OutboundAddresses(parse_allowed_networks(allowed))).open())


@pytest.fixture(params=["http", "soap"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield http_bench(stack) if request.param == "http" else soap_bench(stack)


def http_bench(stack: ExitStack) -> Bench:
    partner = stack.enter_context(HttpPartner())
    settings = HttpHandOffSettings(partner.url(), username=USERNAME, password="top-secret", remote_id_path="data.id", timeouts=PATIENT)

    def opened(address: str = "", allowed: str = "127.0.0.0/8", **changes: Any) -> HandOff:
        return HttpHandOff(replace(settings, url=address or settings.url, **changes), session_to(stack, allowed))

    return Bench(partner, {**ORDER, "ref": "SO-1001"}, opened, lambda: len(partner.documents))


def soap_bench(stack: ExitStack) -> Bench:
    partner = stack.enter_context(SoapPartner(log_in="text"))
    settings = SoapHandOffSettings(
        partner.wsdl,
        "SendOrder",
        log_in=SoapLogIn.USERNAME_TOKEN,
        username=USERNAME,
        password=PASSWORD,
        remote_id_path="transactionId",
        timeouts=PATIENT,
    )

    def opened(address: str = "", allowed: str = "127.0.0.0/8", **changes: Any) -> HandOff:
        return SoapHandOff(replace(settings, address=address, **changes), session_to(stack, allowed))

    return Bench(partner, ORDER, opened, lambda: len(partner.orders) or len(partner.documents))


@pytest.fixture
def partner() -> Iterator[HttpPartner]:
    with HttpPartner() as server:
        yield server


@pytest.fixture
def opened(partner):
    """Opens hand-offs to the partner with the given settings."""
    with ExitStack() as stack:
        yield lambda **settings: HttpHandOff(
            HttpHandOffSettings(**{"url": partner.url(), "timeouts": PATIENT, **settings}), session_to(stack)
        )

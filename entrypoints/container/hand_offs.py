"""The part of the composition root that is about calls to others: their sessions, and hand-offs.

The libraries of calls take a while to load, so they are imported when a partner is first spoken to.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import parse_allowed_networks
from application.ports.clock import Clock
from application.ports.destination import Destination, LaneContext
from application.ports.webhook import Webhook
from entrypoints import resending
from entrypoints.destinations import DestinationKind, takes_orders_or_invoices
from entrypoints.settings import Settings

if TYPE_CHECKING:
    import requests

    from adapters.outbound.sessions import OutboundSessions

    OpenSession = Callable[[], AbstractContextManager[requests.Session]]


def opener_of_sessions(allowed_networks: str) -> "OpenSession":
    """Opens sessions for calls over HTTP. The library, and the list of whom TLS trusts, are loaded with the first."""

    @cache
    def sessions() -> "OutboundSessions":
        from adapters.outbound.sessions import OutboundSessions  # noqa: PLC0415 - see above

        return OutboundSessions(OutboundAddresses(parse_allowed_networks(allowed_networks)))

    return lambda: sessions().open()


def open_webhook(settings: Settings, open_session: "OpenSession", clock: Clock) -> Webhook | None:
    """Who is told of incidents; None where nobody is named."""
    if settings.alert_webhook_url is None or settings.alert_webhook_key is None:
        return None
    from adapters.outbound.webhook import HttpWebhook  # noqa: PLC0415 - see above

    return HttpWebhook(settings.alert_webhook_url.get_secret_value(), settings.alert_webhook_key.get_secret_value(), open_session, clock)


def hand_off_kinds(open_session: "OpenSession") -> Mapping[str, DestinationKind]:
    """The kinds of destinations that are called. A new one is one entry here."""

    def http(lane: LaneContext) -> AbstractContextManager[Destination]:
        from adapters.handoff.destination import open_http_hand_off  # noqa: PLC0415 - see the module's docstring

        return open_http_hand_off(lane, open_session=open_session)

    def soap(lane: LaneContext) -> AbstractContextManager[Destination]:
        from adapters.handoff.destination import open_soap_hand_off  # noqa: PLC0415 - see the module's docstring

        return open_soap_hand_off(lane, open_session=open_session)

    return {
        "promotional_office": DestinationKind(takes_orders_or_invoices, resending.CALL, soap),
        "mww": DestinationKind(takes_orders_or_invoices, resending.CALL_BY_PO_NUMBER, http),
        "net_digitizing": DestinationKind(takes_orders_or_invoices, resending.CALL, http),
    }

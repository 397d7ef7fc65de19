"""The vendors that want a consent, by kind. The libraries of calls are loaded with the first vendor that is asked for."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from application.accounting.vendor_addresses import VendorAddresses
from application.ports.clock import Clock
from application.ports.oauth import OAuthVendor

if TYPE_CHECKING:
    import requests


class OAuthVendorsByKind:
    """The port ``OAuthVendors`` for xero, fortnox and jortt."""

    def __init__(
        self, addresses: VendorAddresses, open_session: "Callable[[], AbstractContextManager[requests.Session]]", clock: Clock
    ) -> None:
        self._addresses = addresses
        self._open_session = open_session
        self._clock = clock

    def of(self, kind: str) -> OAuthVendor | None:
        """None for a kind that needs no consent."""
        if kind not in {"xero", "fortnox", "jortt"}:
            return None
        from adapters.accounting.consents import fortnox_oauth, jortt_oauth, xero_oauth  # noqa: PLC0415 - see the module's docstring

        at = self._addresses
        match kind:
            case "xero":
                return xero_oauth(at.xero_api_url, at.xero_login_url, at.xero_identity_url, self._open_session, self._clock)
            case "fortnox":
                return fortnox_oauth(at.fortnox_api_url, at.fortnox_auth_url, self._open_session, self._clock)
        return jortt_oauth(at.jortt_api_url, at.jortt_auth_url, self._open_session, self._clock)

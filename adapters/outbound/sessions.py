"""HTTP sessions that connect only to checked addresses."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from adapters.outbound.addresses import OutboundAddresses, place_of


class OutboundSessions:
    """Opens sessions for http and https. Certificates are always verified; nothing is read from the environment's proxies or .netrc.

    For an authority of the operator's own, set SSL_CERT_FILE, as for mail.
    """

    def __init__(self, addresses: OutboundAddresses, tls: ssl.SSLContext | None = None) -> None:
        self._addresses = addresses
        self._tls = tls or ssl.create_default_context()

    @contextmanager
    def open(self) -> Iterator[requests.Session]:
        """A session whose connections are kept alive until its end. Its requests raise DomainError and TemporaryFailure as the check."""
        with _StayingSession() as session:
            session.trust_env = False
            session.headers["User-Agent"] = "Billhook"
            # What a partner sets for one document is not sent with the next.
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.adapters.clear()
            adapter = CheckedHttpAdapter(self._addresses, self._tls)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            yield session


class CheckedHttpAdapter(HTTPAdapter):
    """Checks where each request leads and connects to the very address that was checked.

    The name stays in the Host header and in TLS, so that the certificate is held to the name.
    """

    def __init__(self, addresses: OutboundAddresses, tls: ssl.SSLContext) -> None:
        self._addresses = addresses
        self._tls = tls
        super().__init__(max_retries=0)

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Send. A proxy is not used, since it would resolve the name again; a caller cannot switch verifying off."""
        options.update(proxies=None, verify=True, cert=None)
        request.headers["Host"] = urlsplit(request.url or "").netloc
        return super().send(request, **options)

    def build_connection_pool_key_attributes(  # type: ignore[override]  # the library's types for it are private
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The checked address in place of the name. The pool of connections is then one for each address and name."""
        del verify, cert
        place = place_of(request.url or "")
        where = {"scheme": place.scheme, "host": self._addresses.check(place.host, place.port, place.scheme), "port": place.port}
        # Two names on one address share no connection: the pool is keyed by the name in TLS too.
        tls = {"ssl_context": self._tls, "server_hostname": place.host, "assert_hostname": place.host}
        return where, tls if place.scheme == "https" else {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The TLS context knows whom to trust; the certificates that came with the library are not added to it."""
        del url, verify, cert
        conn.cert_reqs = "CERT_REQUIRED"


class _StayingSession(requests.Session):
    """Follows no redirect, whatever a caller asks: it is an answer like others."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        del resp
        return None

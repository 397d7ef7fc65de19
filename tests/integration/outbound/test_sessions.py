"""Sessions over real sockets: they connect where the check said, and nowhere else."""

from pathlib import Path

import pytest
import requests

from adapters.outbound.addresses import OutboundAddresses
from adapters.outbound.allowed_networks import AllowedNetworks, parse_allowed_networks
from adapters.outbound.sessions import OutboundSessions
from domain.errors import DomainError
from tests.services.certificates import Certificates, make_certificates
from tests.services.http_partner import HttpPartner, Planned

LOOPBACK = parse_allowed_networks("127.0.0.0/8")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def to_loopback(host: str, port: int) -> list[str]:
    """A name server by which every name leads to this machine."""
    return ["127.0.0.1"]


def test_the_checked_address_is_connected_to_and_the_name_stays_in_the_request() -> None:
    """The name exists nowhere but in this resolver, so nothing can have resolved it again."""
    with HttpPartner() as partner, OutboundSessions(OutboundAddresses(LOOPBACK, to_loopback)).open() as session:
        answer = session.get(partner.url(host="partner.invalid"))

        assert answer.status_code == 404
        assert partner.received[0].headers["Host"] == f"partner.invalid:{partner.port}"


def test_a_name_that_is_rebound_between_two_requests_is_refused_the_second_time() -> None:
    """Each request is checked, also where a connection to the name is open."""
    answers = iter([["127.0.0.1"], ["127.9.9.9"]])
    allowed = parse_allowed_networks("127.0.0.1")
    with HttpPartner() as partner, OutboundSessions(OutboundAddresses(allowed, lambda host, port: next(answers))).open() as session:
        session.get(partner.url(host="partner.invalid"))

        with pytest.raises(DomainError, match="loopback"):
            session.get(partner.url(host="partner.invalid"))
        assert len(partner.received) == 1


def test_nothing_reaches_a_loopback_server_that_nobody_allowed() -> None:
    with HttpPartner() as partner, OutboundSessions(OutboundAddresses(AllowedNetworks())).open() as session:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "user@127.0.0.1"):
            with pytest.raises(DomainError):
                session.get(partner.url(host=host))

        assert partner.connections == 0


def test_tls_is_held_to_the_name_and_not_to_the_address(certificates: Certificates) -> None:
    """The certificate is for localhost: that name works by any way, another name on the same server does not."""
    addresses = OutboundAddresses(LOOPBACK, to_loopback)
    with (
        HttpPartner(certificates.server_context()) as partner,
        OutboundSessions(addresses, certificates.client_context()).open() as session,
    ):
        answer = session.get(partner.url(host="localhost"))

        assert answer.status_code == 404
        with pytest.raises(requests.exceptions.SSLError):
            session.get(partner.url(host="partner.invalid"))


def test_an_authority_that_is_not_trusted_is_refused_even_when_a_caller_asks_otherwise(certificates: Certificates) -> None:
    addresses = OutboundAddresses(LOOPBACK, to_loopback)
    with HttpPartner(certificates.server_context()) as partner, OutboundSessions(addresses).open() as session:
        with pytest.raises(requests.exceptions.SSLError):
            session.get(partner.url(host="localhost"), verify=False)

        assert partner.received == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name by itself."""
    with HttpPartner() as partner, HttpPartner() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("ALL_PROXY", proxy.url(""))
        monkeypatch.delenv("NO_PROXY", raising=False)
        with OutboundSessions(OutboundAddresses(LOOPBACK)).open() as session:
            session.get(partner.url())
            session.get(partner.url(), proxies={"http": proxy.url("")})

        assert (len(partner.received), proxy.connections) == (2, 0)


def test_log_ins_of_a_netrc_file_and_cookies_are_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with HttpPartner() as partner, OutboundSessions(OutboundAddresses(LOOPBACK)).open() as session:
        partner.next_answers(Planned(200, headers={"Set-Cookie": "visit=1; Path=/"}))
        session.get(partner.url())
        session.get(partner.url())

        assert [(request.headers["Authorization"], request.headers["Cookie"]) for request in partner.received] == [(None, None)] * 2


def test_one_connection_serves_many_requests() -> None:
    with HttpPartner() as partner, OutboundSessions(OutboundAddresses(LOOPBACK)).open() as session:
        for _ in range(20):
            session.get(partner.url())

        assert partner.connections == 1


def test_a_redirect_to_the_inside_is_not_followed_even_when_a_caller_would() -> None:
    """The answer comes back as it is."""
    with HttpPartner() as partner, HttpPartner() as inside, OutboundSessions(OutboundAddresses(LOOPBACK)).open() as session:
        partner.next_answers(Planned(302, b"", {"Location": inside.url("/admin")}))

        answer = session.get(partner.url(), allow_redirects=True)

        assert (answer.status_code, inside.connections) == (302, 0)

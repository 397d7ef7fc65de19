"""Waiting for the browser on this machine."""

import socket
from threading import Thread

import pytest
import requests

from entrypoints.cli.loopback import Loopback, NoListener


@pytest.fixture
def port() -> int:
    """One that nothing listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_only_the_answer_that_is_waited_for_ends_the_wait(port: int) -> None:
    """Another state, another path and a connection that says nothing do not."""
    answers: list[int] = []

    def visit() -> None:
        with socket.create_connection(("127.0.0.1", port)):
            paths = ("/callback?code=1&state=no", "/favicon.ico", "/callback?code=1&state=yes")
            answers.extend(requests.get(f"http://127.0.0.1:{port}{path}", timeout=20).status_code for path in paths)

    with Loopback(f"http://localhost:{port}/callback", "yes") as loopback:
        visitor = Thread(target=visit)
        visitor.start()
        found = loopback.wait(30)
        visitor.join()

    assert found == "/callback?code=1&state=yes"
    assert answers == [400, 404, 200]


def test_a_browser_that_never_comes_is_not_waited_for_for_ever(port: int) -> None:
    """The answer is empty then."""
    with Loopback(f"http://localhost:{port}/callback", "yes") as loopback:
        assert loopback.wait(0.05) == ""


@pytest.mark.parametrize("address", ["https://billhook.example/callback", "http://localhost/callback", "http://files.example:8765/", ""])
def test_an_address_that_leads_elsewhere_is_not_listened_for(address: str) -> None:
    """The user pastes what the browser shows."""
    with pytest.raises(NoListener):
        Loopback(address, "yes")


def test_a_port_in_use_is_not_listened_at() -> None:
    """As above."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(NoListener):
            Loopback(f"http://localhost:{taken.getsockname()[1]}/callback", "yes")

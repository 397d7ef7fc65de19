"""`--health-check`: what a container's health check runs."""

import json
from http.client import HTTPConnection, HTTPException
from typing import NoReturn

import typer

from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.presenting import say
from entrypoints.cli.session import read_settings

_TIMEOUT_S = 10.0


def ask_health() -> NoReturn:
    """Ask the role that runs beside this command, and exit: 0 where it lives and is ready, 7 where not, 2 without an address."""
    address = read_settings().health_address
    if not address:
        say("No role answers: set BILLHOOK_HEALTH_ADDRESS for the role and for this command, such as 127.0.0.1:8080.")
        raise typer.Exit(ExitCode.USAGE)
    host, _, port = address.rpartition(":")
    # A server that listens everywhere is asked here.
    here = {"0.0.0.0": "127.0.0.1", "[::]": "::1"}.get(host, host.strip("[]"))  # noqa: S104 - nothing is bound
    problems = [line for path in ("/live", "/ready") for line in _ask(here, int(port), path)]
    for line in problems:
        say(line)
    raise typer.Exit(ExitCode.CHECK_FAILED if problems else ExitCode.DONE)


def _ask(host: str, port: int, path: str) -> list[str]:
    """A line for each check that fails."""
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        document = json.loads(connection.getresponse().read())
        return [
            " ".join(filter(None, (f"{path} {check['name']}: {check['detail']}", check["next_step"])))
            for check in document["checks"]
            if not check["ok"]
        ]
    except (OSError, HTTPException, ValueError, KeyError) as error:
        return [f"{path}: nobody answers at {host}:{port} ({error})"]
    finally:
        connection.close()

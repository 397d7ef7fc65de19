"""What a person does next about a connection, as a command that can be pasted."""

import shlex


def connect_command(lane_path: str) -> str:
    """``billhook connect KIND --company REF [--name NAME]`` for the path of an integration."""
    return _command("connect", lane_path)


def disconnect_command(lane_path: str) -> str:
    """``billhook disconnect KIND --company REF [--name NAME]``."""
    return _command("disconnect", lane_path)


def _command(verb: str, lane_path: str) -> str:
    company, kind, *name = lane_path.split("/", 2)
    return shlex.join(["billhook", verb, kind, "--company", company, *(part for each in name for part in ("--name", each))])

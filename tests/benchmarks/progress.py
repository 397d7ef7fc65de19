"""Progress goes to stderr: stdout is for the one JSON document."""

import sys


def say(text: str) -> None:
    """One line for whoever waits."""
    print(text, file=sys.stderr, flush=True)

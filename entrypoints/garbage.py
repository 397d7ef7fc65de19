"""How often Python looks for cycles of garbage."""

import gc

_ALLOCATIONS = 50_000


def collect_seldom() -> None:
    """Set the collector up for a process that handles a stream of messages; called once, when all is loaded.

    What is loaded stays for good and is not looked through again. A batch in hand is some ten thousand small values without
    cycles: with Python's own threshold of 700 the collector goes through all of them every few messages, and finds nothing.
    That is a sixth of the time of intake (docs/explanation/speed.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)

"""A server some milliseconds away, as a partner's is: a relay in a process of its own, which hands everything on a little later."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

_CHUNK_BYTES = 256 * 1024
_SPAWN = get_context("spawn")


@contextmanager
def at_distance(port: int, round_trip_s: float) -> Iterator[int]:
    """The port under which the server on this machine's ``port`` is that far away."""
    ours, theirs = _SPAWN.Pipe()
    relay = _SPAWN.Process(target=_run, args=(theirs, port, round_trip_s / 2), daemon=True)
    relay.start()
    try:
        yield ours.recv()
    finally:
        relay.kill()
        relay.join()


def _run(asked: Connection, port: int, delay_s: float) -> None:
    asyncio.run(_serve(asked, port, delay_s))


async def _serve(asked: Connection, port: int, delay_s: float) -> None:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port, limit=_CHUNK_BYTES)
        await asyncio.gather(_hand_on(reader, back, delay_s), _hand_on(there, writer, delay_s))

    server = await asyncio.start_server(relay, "127.0.0.1", limit=_CHUNK_BYTES)
    asked.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    loop = asyncio.get_running_loop()
    on_its_way: deque[bytes] = deque()
    with suppress(ConnectionError):  # hung up, as clients end such a connection
        while data := await reader.read(_CHUNK_BYTES):
            on_its_way.append(data)
            # Each timer hands on the oldest chunk: what comes at the same moment stays in its order.
            loop.call_later(delay_s, lambda: writer.write(on_its_way.popleft()))
    await asyncio.sleep(delay_s)
    writer.close()

"""What was driven again on a person's word, and how far it came."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from adapters.persistence.tables import replays
from adapters.persistence.types import without_nul
from application.ports.replays import Replay, Replayed, Selection

_c = replays.c
_REPLAY = select(
    _c.id,
    _c.what,
    _c.wanted,
    _c.actor,
    _c.reason,
    _c.position,
    _c.looked_at,
    _c.changed,
    _c.started_at,
    _c.updated_at,
    _c.finished_at,
)


class SqlReplays:
    """The port ``Replays``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, replay: Replay) -> Replay:
        values = {
            "what": replay.what.value,
            "wanted": _text(replay.wanted),
            "actor": replay.actor,
            "reason": without_nul(replay.reason),
            "started_at": replay.started_at,
            **_progress(replay),
        }
        id_ = self._connection.execute(insert(replays).values(values).returning(_c.id)).scalar_one()
        return replace(replay, replay_id=id_)

    def lock(self, replay_id: int) -> Replay | None:
        row = self._connection.execute(_REPLAY.where(_c.id == replay_id).with_for_update()).first()
        return None if row is None else _replay(row)

    def save(self, replay: Replay) -> None:
        self._connection.execute(update(replays).where(_c.id == replay.replay_id).values(_progress(replay)))

    def open_like(self, what: Replayed, wanted: Selection) -> Replay | None:
        same = _REPLAY.where(_c.what == what.value, _c.wanted == _text(wanted), _c.finished_at.is_(None))
        row = self._connection.execute(same.order_by(_c.id).limit(1)).first()
        return None if row is None else _replay(row)

    def list(self, before: int, limit: int) -> Sequence[Replay]:
        query = _REPLAY.order_by(_c.id.desc()).limit(limit)
        return [_replay(row) for row in self._connection.execute(query.where(_c.id < before) if before else query)]


def _progress(replay: Replay) -> dict[str, object]:
    return {
        "position": replay.position,
        "looked_at": replay.looked_at,
        "changed": replay.changed,
        "updated_at": replay.updated_at,
        "finished_at": replay.finished_at,
    }


def _text(wanted: Selection) -> str:
    return msgspec.json.encode(wanted, order="sorted").decode()


def _replay(row: Row[*tuple[Any, ...]]) -> Replay:
    id_, what, wanted, *rest = row
    return Replay(id_, Replayed(what), msgspec.json.decode(wanted, type=Selection), *rest)

"""What people must be told by mail."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import alerts
from application.ports.alerts import Alert, AlertMail, ToldAlert

_c = alerts.c


class SqlAlerts:
    """The port ``Alerts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, alerts: Sequence[Alert], at: datetime) -> None:
        if alerts:
            new = insert_or(self._connection, _c.id.table).on_conflict_do_nothing()
            # In one order for all, so that two who tell the same never wait for each other in a circle.
            ordered = sorted(alerts, key=lambda alert: (alert.recipients, alert.batch, alert.key))
            self._connection.execute(new, [_row(alert, at) for alert in ordered])

    def refresh(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            same = (_c.recipients == alert.recipients, _c.batch == alert.batch, _c.key == alert.key)
            self._connection.execute(update(_c.id.table).where(*same, _c.sent_at.is_(None)).values(text=alert.text))

    def unsent(self, before: datetime, limit: int) -> Sequence[AlertMail]:
        waiting = select(_c.recipients, _c.batch, func.min(_c.id).label("first")).where(_c.sent_at.is_(None), _c.recorded_at < before)
        mail = waiting.group_by(_c.recipients, _c.batch).order_by(func.min(_c.id)).limit(limit).subquery("mail")
        query = (
            select(alerts, mail.c.first)
            .join_from(alerts, mail, and_(_c.recipients == mail.c.recipients, _c.batch == mail.c.batch))
            .where(_c.sent_at.is_(None))
            .order_by(mail.c.first, _c.id)
            .with_for_update(of=alerts)
        )
        rows = self._connection.execute(query).all()
        mails: list[AlertMail] = []
        for _, group in groupby(rows, key=lambda row: row.first):
            members = tuple(group)
            told = tuple(map(_alert, members))
            mails.append(AlertMail(told[0].recipients, told[0].sender, told[0].batch, tuple(row.id for row in members), told))
        return mails

    def about(self, keys: Sequence[str]) -> Sequence[ToldAlert]:
        rows = self._connection.execute(select(alerts).where(_c.key.in_(keys)).order_by(_c.id))
        return [ToldAlert(_alert(row), row.recorded_at, row.sent_at) for row in rows]

    def mark_sent(self, alert_ids: Sequence[int], at: datetime) -> None:
        self._connection.execute(update(alerts).where(_c.id.in_(alert_ids)).values(sent_at=at))


def _alert(row: Row[*tuple[Any, ...]]) -> Alert:
    return Alert(row.recipients, row.sender, row.batch, row.key, row.company, row.text, row.next_step)


def _row(alert: Alert, at: datetime) -> dict[str, object]:
    return {
        "recipients": alert.recipients,
        "sender": alert.sender,
        "batch": alert.batch,
        "key": alert.key,
        "company": alert.company,
        "text": alert.text,
        "next_step": alert.next_step,
        "recorded_at": at,
    }

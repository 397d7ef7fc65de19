"""What only the whole store can tell: the questions of `verify`, each one query."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, text

from adapters.persistence.bulk import POSTGRESQL, dialect_of
from adapters.persistence.types import UTC_TIME

# Work that is due is picked up within seconds; after this long something is wrong.
OVERDUE = timedelta(minutes=15)

_LINKED_TWICE = """
SELECT 'Order ' || o.ref || ' is on ' || count(*) || ' live invoices.'
FROM document_orders l JOIN orders o ON o.id = l.order_id
WHERE l.credited_by IS NULL GROUP BY o.id, o.ref HAVING count(*) > 1 ORDER BY o.id
"""
_MARKED_OTHERWISE = """
SELECT 'Order ' || o.ref || ' is marked with invoice ' || coalesce(nullif(o.invoice_number, ''), 'none')
  || ', and the invoices say ' || coalesce(d.display_number, 'none') || '.'
FROM orders o
LEFT JOIN document_orders l ON l.order_id = o.id AND l.credited_by IS NULL
LEFT JOIN documents d ON d.id = l.document_id
WHERE coalesce(o.document_id, 0) <> coalesce(l.document_id, 0)
  OR (o.document_id IS NOT NULL AND (o.invoice_number <> d.display_number OR o.invoiced_fingerprint <> l.fingerprint))
  OR (o.document_id IS NULL AND o.decision = 'invoiced' AND o.revision > 0)
ORDER BY o.id
"""
_OWED_TWICE = """
SELECT 'The ' || subject || ' ' || subject_id || ' is owed ' || count(*) || ' times to ' || integration || '.'
FROM deliveries GROUP BY subject, subject_id, integration HAVING count(*) > 1 ORDER BY min(id)
"""
_DELIVERED_TWICE = """
SELECT 'Delivery ' || d.id || ' to ' || d.integration || ' was delivered ' || count(*)
  || ' times and asked for ' || (d.resends + 1) || ' times.'
FROM deliveries d JOIN delivery_attempts a ON a.delivery_id = d.id AND a.state = 'delivered'
GROUP BY d.id, d.integration, d.resends HAVING count(*) > d.resends + 1 ORDER BY d.id
"""
_DELIVERED_AND_OPEN = """
SELECT 'Delivery ' || d.id || ' to ' || d.integration || ' is ' || d.state || ', and was delivered before; nobody asked for it again.'
FROM deliveries d JOIN delivery_attempts a ON a.delivery_id = d.id AND a.state = 'delivered'
WHERE d.state <> 'delivered' GROUP BY d.id, d.integration, d.state, d.resends HAVING count(*) > d.resends ORDER BY d.id
"""
_NO_MESSAGE = """
SELECT 'Order ' || o.ref || ' of ' || o.source || ' has no accepted message for its newest version.'
FROM orders o LEFT JOIN order_arrivals a
  ON a.ref = o.ref AND a.source = o.source AND a.body_sha256 = o.body_sha256 AND a.outcome = 'accepted'
WHERE a.id IS NULL ORDER BY o.id
"""
_NO_ORDER = """
SELECT 'A message about order ' || a.ref || ' of ' || a.source || ' was accepted, and there is no such order.'
FROM order_arrivals a LEFT JOIN orders o ON o.ref = a.ref AND o.source = a.source
WHERE o.id IS NULL AND a.outcome = 'accepted' ORDER BY a.id
"""
# An integration takes the documents of a subject where it was ever owed one. It must have been on when this one was issued.
_OWED_NOWHERE = """
SELECT 'The delivery of ' || d.type || ' ' || d.display_number || ' to ' || i.path || ' is missing.'
FROM documents d
JOIN integrations i ON i.company = d.company AND i.enabled AND i.declared AND i.enabled_revision <= d.revision
  AND (i.starting_from IS NULL OR i.starting_from <= d.issued_at)
LEFT JOIN deliveries v ON v.subject = d.type AND v.subject_id = d.id AND v.integration = i.path
WHERE v.id IS NULL AND EXISTS (SELECT 1 FROM deliveries k WHERE k.integration = i.path AND k.subject = d.type)
ORDER BY d.id
"""
_FOREIGN_DELIVERY = """
SELECT 'Delivery ' || v.id || ' takes a document of company ' || d.company || ' to ' || i.path || '.'
FROM deliveries v JOIN integrations i ON i.path = v.integration JOIN documents d ON d.id = v.subject_id
WHERE v.subject <> 'order' AND i.company <> d.company ORDER BY v.id
"""
# A newer version may move an order to another company: only what was so from the start is wrong.
_FOREIGN_ORDER = """
SELECT 'Order ' || o.ref || ' of company ' || o.company_ref || ' is on invoice ' || d.display_number || ' of company ' || d.company || '.'
FROM document_orders l JOIN orders o ON o.id = l.order_id JOIN documents d ON d.id = l.document_id
WHERE o.company_ref <> d.company AND o.received_at <= d.issued_at ORDER BY o.id
"""
_FOREIGN_ORDER_DELIVERY = """
SELECT 'Delivery ' || v.id || ' takes an order of company ' || o.company_ref || ' to ' || i.path || '.'
FROM deliveries v JOIN integrations i ON i.path = v.integration JOIN orders o ON o.id = v.subject_id
WHERE v.subject = 'order' AND i.company <> o.company_ref AND o.received_at <= v.created_at ORDER BY v.id
"""
_DEAD_LEASES = """
SELECT 'Lane ' || i.path || ' has ' || count(*) || ' deliveries due since ' || min(v.due_at) || ' and no worker.'
FROM deliveries v JOIN integrations i ON i.path = v.integration AND i.enabled AND i.declared
LEFT JOIN lanes l ON l.integration = i.path
WHERE v.due_at IS NOT NULL AND v.due_at < :overdue AND (l.expires_at IS NULL OR l.expires_at < :overdue)
  AND (l.parked_until IS NULL OR l.parked_until < :overdue)
GROUP BY i.path ORDER BY i.path
"""
_OVERDUE_RUNS = """
SELECT 'Run ' || id || ' of company ' || company || ' is due since ' || created_at || '.'
FROM runs WHERE finished_at IS NULL AND created_at < :overdue ORDER BY id
"""
_OVERDUE_PLANS = """
SELECT 'The schedule of company ' || company || ' should have run at ' || next_run_at || '.'
FROM plans WHERE next_run_at < :overdue ORDER BY company
"""
_TRIGGERS = {
    POSTGRESQL: (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgrelid = to_regclass(split_part(tgname, '_no_', 1))"
    ),
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}
# As the migrations make them; a test holds this against a new database.
GUARDS = (
    "documents_no_update",
    "documents_no_delete",
    "document_orders_no_update",
    "document_orders_no_delete",
    "number_series_no_update",
    "number_series_no_delete",
    "order_arrivals_no_update",
    "order_arrivals_no_delete",
    "delivery_attempts_no_update",
    "delivery_attempts_no_delete",
    "deliveries_no_delete",
    "quarantined_messages_no_delete",
    "audit_log_no_update",
    "audit_log_no_delete",
)


class SqlVerification:
    """The port ``Verification``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def orders_on_several_invoices(self) -> Sequence[str]:
        return self._ask(_LINKED_TWICE, _MARKED_OTHERWISE)

    def documents_delivered_twice(self) -> Sequence[str]:
        return self._ask(_OWED_TWICE, _DELIVERED_TWICE, _DELIVERED_AND_OPEN)

    def orders_without_trace(self) -> Sequence[str]:
        return self._ask(_NO_MESSAGE, _NO_ORDER)

    def invoices_owed_nowhere(self) -> Sequence[str]:
        return self._ask(_OWED_NOWHERE)

    def missing_guards(self) -> Sequence[str]:
        found = set(self._connection.execute(text(_TRIGGERS[dialect_of(self._connection)])).scalars())
        return [f"The trigger {name} is gone: issued documents and records could be changed." for name in GUARDS if name not in found]

    def documents_across_companies(self) -> Sequence[str]:
        return self._ask(_FOREIGN_DELIVERY, _FOREIGN_ORDER, _FOREIGN_ORDER_DELIVERY)

    def stuck_work(self, at: datetime) -> Sequence[str]:
        overdue = bindparam("overdue", at - OVERDUE, type_=UTC_TIME)
        asked = [text(question).bindparams(overdue) for question in (_DEAD_LEASES, _OVERDUE_RUNS, _OVERDUE_PLANS)]
        return [sentence for question in asked for sentence in self._connection.execute(question).scalars()]

    def _ask(self, *questions: str) -> Sequence[str]:
        return [sentence for question in questions for sentence in self._connection.execute(text(question)).scalars()]

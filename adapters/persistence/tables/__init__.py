"""The tables, by what they are about. What each rule is for stands beside the column."""

from adapters.persistence.tables.accounting import call_budgets, connections, remote_links, vat_checks
from adapters.persistence.tables.configuration import (
    admin_companies,
    assets,
    companies,
    configuration,
    integrations,
    price_lists,
    tax_rates,
)
from adapters.persistence.tables.deliveries import deliveries, delivery_attempts, delivery_steps, lanes
from adapters.persistence.tables.documents import document_orders, documents, number_guards, number_series, plans, runs
from adapters.persistence.tables.flows import flow_customers, flow_items, flow_states, flows
from adapters.persistence.tables.metadata import metadata
from adapters.persistence.tables.operations import alerts, audit_log, incident_notices, incidents, pauses, replays
from adapters.persistence.tables.orders import order_arrivals, orders, quarantined_messages

__all__ = [
    "admin_companies",
    "alerts",
    "assets",
    "audit_log",
    "call_budgets",
    "companies",
    "configuration",
    "connections",
    "deliveries",
    "delivery_attempts",
    "delivery_steps",
    "document_orders",
    "documents",
    "flow_customers",
    "flow_items",
    "flow_states",
    "flows",
    "incident_notices",
    "incidents",
    "integrations",
    "lanes",
    "metadata",
    "number_guards",
    "number_series",
    "order_arrivals",
    "orders",
    "pauses",
    "plans",
    "price_lists",
    "quarantined_messages",
    "remote_links",
    "replays",
    "runs",
    "tax_rates",
    "vat_checks",
]

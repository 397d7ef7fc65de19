"""A day of an order management system: shuffled, duplicated, partly broken messages, and what must become of each order."""

import json
import random
from dataclasses import dataclass
from typing import Any

COMPANIES = ("701", "702", "703", "704", "705", "706")

# What the newest message about an order says, how often, and the decision that must follow.
SCENARIOS: dict[str, tuple[float, str, dict[str, Any]]] = {
    "billable": (0.70, "invoiced", {"status": 8, "status_name": "Dispatched", "dispatch_datetime": "2026-11-02 09:12:00"}),
    "in error, included": (0.04, "invoiced", {"status": 8, "status_name": "Dispatched", "has_error": True, "_company": "701"}),
    "in error": (0.04, "has_error", {"status": 8, "status_name": "Dispatched", "has_error": True, "_company": "702"}),
    "on hold": (0.04, "on_hold", {"status": 256, "status_name": "On Hold"}),
    "held by the supplier": (0.02, "on_hold", {"status": None, "status_name": "On Hold (Supplier)"}),
    "cancelled": (0.04, "cancelled", {"status": 128, "status_name": "Cancelled"}),
    "free of charge": (0.02, "free_of_charge", {"status": 8, "status_name": "Dispatched", "is_free_of_charge": True}),
    "too early": (0.03, "before_start", {"status": 8, "status_name": "Dispatched", "creation_datetime": "2025-12-31 23:59:59"}),
    "in production": (0.03, "status_not_billable", {"status": 4, "status_name": "In Production"}),
    "without a price": (0.02, "price_missing", {"status": 8, "status_name": "Dispatched", "_price": None}),
    "of a stranger": (0.02, "company_unknown", {"status": 8, "status_name": "Dispatched", "_company": "999"}),
}

BROKEN = (b"{", b"\xff\xfe{}", b'"a string"', b'{"ref": ["no"], "company_ref_id": 701}', b"not json at all", b'{"company_ref_id": 701}')


# References that are none of a file or of a command, and those that are refused as a whole.
HOSTILE_REFS = (
    "../../../etc/cron.d/evil",
    "..",
    "/etc/passwd",
    "a\\b",
    "-rf *",
    "=cmd|' /C calc'!A0",
    "ö" * 150,
    "請求書 1",
    "a\u202egnp.b",
)
REFUSED_REFS = ("90000\nDELE 90000", "90000\r\nRCPT TO:<x@x.example>", "x" * 300, "90000\x00")


@dataclass(frozen=True)
class Traffic:
    """The bodies in the order in which they are published, and the decision each order must end with."""

    bodies: list[bytes]
    expected: dict[str, str]
    broken: int

    @property
    def eligible(self) -> set[str]:
        """Refs of the orders that must be invoiced."""
        return {ref for ref, decision in self.expected.items() if decision == "invoiced"}


def make_traffic(messages: int, orders: int, broken: int, seed: int) -> Traffic:
    """The same seed makes the same traffic."""
    rng = random.Random(seed)
    bodies: list[bytes] = []
    expected: dict[str, str] = {}
    weights = [share for share, _, _ in SCENARIOS.values()]
    for number in range(orders):
        ref = str(90000 + number)
        decision, facts = rng.choices([(decision, facts) for _, decision, facts in SCENARIOS.values()], weights)[0]
        expected[ref] = decision
        bodies += _versions(rng, ref, facts)
    bodies += [rng.choice(BROKEN) for _ in range(broken)]
    # What is left of the day are messages that come a second and a third time.
    bodies += rng.choices(bodies[: -broken or None], k=messages - len(bodies))
    rng.shuffle(bodies)
    return Traffic(bodies, expected, broken)


def with_hostile_refs(traffic: Traffic) -> Traffic:
    """The same, and orders that are due and would name a file elsewhere, or a command; some cannot be read at all."""
    orders = (json.loads(body) for body in traffic.bodies if body not in BROKEN)
    due = next(order for order in orders if order["ref"] in traffic.eligible and order["status"] == 8)
    named = [json.dumps({**due, "id": ref, "ref": ref}).encode() for ref in (*HOSTILE_REFS, *REFUSED_REFS)]
    expected = {**traffic.expected, **dict.fromkeys(HOSTILE_REFS, "invoiced")}
    return Traffic([*traffic.bodies, *named], expected, traffic.broken + len(REFUSED_REFS))


def _versions(rng: random.Random, ref: str, facts: dict[str, Any]) -> list[bytes]:
    """Received, then what the scenario says, sometimes said again in a later version."""
    facts = dict(facts)
    company = facts.pop("_company", None) or rng.choice(COMPANIES)
    price = facts.pop("_price", "6.25")
    order = _order(rng, ref, company, price)
    newest = [order | facts | {"version": version} for version in range(2, rng.choice((3, 4)))]
    return [json.dumps(body, ensure_ascii=False).encode() for body in [order | {"version": 1}, *newest]]


def _order(rng: random.Random, ref: str, company: str, price: str | None) -> dict[str, Any]:
    names = ("Zoë Ångström", "王小明", "Łukasz Żółć", "O'Brien & Sons", "Ελένη Παπαδοπούλου", "John <b>Smith</b>")
    lines = [
        {
            "id": line,
            "ref": f"{ref}-{line}",
            "sku": rng.choice(("TEE-BLK-M", "MUG-WHT", "POSTER-A2")),
            "description": "T-shirt, black, M",
            "quantity": rng.randint(1, 9),
            "unit_cost_price": price,
            "sale_vat_rate": "0.2",
            "tax_code": "standard",
        }
        for line in range(1, rng.randint(2, 4))
    ]
    return {
        "id": int(ref),
        "ref": ref,
        "external_ref": f"WEB-{ref}",
        "company_ref_id": 501,
        "secondary_company_ref_id": int(company),
        "status": 1,
        "status_name": "Received",
        "creation_datetime": "2026-11-01 10:00:05",
        "currency_code": "GBP",
        "customer_name": rng.choice(names),
        "billing_country_code": "GB",
        "shipping_country_code": "GB",
        "shipping_price": "3.50",
        "shipping_tax_rate": "0.2",
        "items": lines,
    }


def configuration(emailer: dict[str, Any] | None = None) -> dict[str, Any]:
    """Six companies under two admin companies, invoiced as soon as orders are dispatched: four one by one, two combined."""
    integration = {
        "kind": "pdf_emailer",
        "settings": {
            "email_from": "accounts@acme.example",
            "email_to": "books@shop.example",
            "email_bcc": "archive@acme.example",
            "errors_to": "ops@acme.example",
            **(emailer or {}),
        },
    }
    address = {"line1": "4 Mill Lane", "city": "Leeds", "postcode": "LS9 8AB", "country": "GB"}
    admins = [
        {"ref": "acme-print", "name": "ACME Print Ltd", "address": address, "vat_number": "GB980780684"},
        {"ref": "other-print", "name": "Other Print Ltd", "address": address, "vat_number": "GB980780684"},
    ]
    companies = [
        {
            "ref": ref,
            "admin_company": "acme-print" if index % 2 == 0 else "other-print",
            "name": f"Shop {ref} Ltd",
            "address": address,
            "currency": "GBP",
            "plan": {
                "starting_from": "2026-01-01",
                "include_orders_with_errors": ref == "701",
                "layout": "combined" if ref in {"705", "706"} else "individual",
                "schedule": {"every": "dispatch"},
            },
            "integrations": [integration],
        }
        for index, ref in enumerate(COMPANIES)
    ]
    return {"admin_companies": admins, "companies": companies, "tax_rates": [{"country": "GB", "tax_code": "standard", "rate": "0.20"}]}

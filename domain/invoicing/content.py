"""The canonical form of a document's content: the same draft always gives the same bytes, which are hashed and kept."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.companies.admin_company import BankAccount
from domain.invoicing.document import DocumentType, Draft, OrderReference, Seller
from domain.invoicing.totals import TaxSubtotal, Totals
from domain.parties import Address, Party
from domain.pricing.line_tax import Category, LineTax
from domain.pricing.price_order import InvoiceLine
from domain.pricing.tax_decision import Regime, TaxDecision

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, decimals as strings already."""
    return _ENCODER.encode(value)


def to_content(draft: Draft) -> dict[str, Any]:
    """The draft as JSON values; decimals become strings with the digits they have."""
    return {
        "type": draft.type.value,
        "company": draft.company,
        "seller": _seller(draft.seller),
        "buyer": _party(draft.buyer),
        "currency": draft.currency,
        "orders": [_order(order) for order in draft.orders],
        "lines": [_line(line) for line in draft.lines],
        "net": str(draft.totals.net),
        "tax": str(draft.totals.tax),
        "total": str(draft.totals.total),
        "taxes": [_subtotal(row) for row in draft.totals.subtotals],
        "tax_rule": draft.tax_decision.regime.value,
        "tax_rate_country": draft.tax_decision.rate_country,
        "tax_facts": draft.tax_decision.facts_by_name,
        "payment_terms_days": draft.payment_terms_days,
        "corrects": draft.corrects,
        "reason": draft.reason,
    }


def from_content(content: Mapping[str, Any]) -> Draft:
    """The draft again; ``to_content(from_content(x)) == x``."""
    decision = TaxDecision(Regime(content["tax_rule"]), content["tax_rate_country"], tuple(sorted(content["tax_facts"].items())))
    totals = Totals(
        Decimal(content["net"]), Decimal(content["tax"]), Decimal(content["total"]), tuple(map(_read_subtotal, content["taxes"]))
    )
    return Draft(
        type=DocumentType(content["type"]),
        company=content["company"],
        seller=_read_seller(content["seller"]),
        buyer=_read_party(content["buyer"]),
        currency=content["currency"],
        orders=tuple(map(_read_order, content["orders"])),
        lines=tuple(map(_read_line, content["lines"])),
        totals=totals,
        tax_decision=decision,
        payment_terms_days=content["payment_terms_days"],
        corrects=content["corrects"],
        reason=content["reason"],
    )


def _address(address: Address) -> dict[str, str]:
    return {
        "line1": address.line1,
        "line2": address.line2,
        "city": address.city,
        "postcode": address.postcode,
        "region": address.region,
        "country": address.country,
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "address": _address(party.address),
        "contact": party.contact,
        "email": party.email,
        "vat_number": party.vat_number,
        "vat_number_valid": party.vat_number_valid,
    }


def _read_party(value: Mapping[str, Any]) -> Party:
    return Party(**{**value, "address": Address(**value["address"])})


def _seller(seller: Seller) -> dict[str, Any]:
    return {
        "ref": seller.ref,
        "name": seller.name,
        "address": _address(seller.address),
        "vat_number": seller.vat_number,
        "registration_number": seller.registration_number,
        "email": seller.email,
        "phone": seller.phone,
        "bank": {
            "name": seller.bank.name,
            "iban": seller.bank.iban,
            "bic": seller.bank.bic,
            "account_number": seller.bank.account_number,
            "sort_code": seller.bank.sort_code,
        },
        "logo_sha256": seller.logo_sha256,
        "footer": seller.footer,
    }


def _read_seller(value: Mapping[str, Any]) -> Seller:
    return Seller(**{**value, "address": Address(**value["address"]), "bank": BankAccount(**value["bank"])})


def _order(order: OrderReference) -> dict[str, str]:
    dispatched_on = order.dispatched_on.isoformat() if order.dispatched_on else ""
    return {"ref": order.ref, "external_ref": order.external_ref, "dispatched_on": dispatched_on}


def _read_order(value: Mapping[str, str]) -> OrderReference:
    dispatched_on = value["dispatched_on"]
    return OrderReference(value["ref"], value["external_ref"], date.fromisoformat(dispatched_on) if dispatched_on else None)


def _line(line: InvoiceLine) -> dict[str, str]:
    return {
        "order_ref": line.order_ref,
        "description": line.description,
        "sku": line.sku,
        "quantity": str(line.quantity),
        "unit_price": str(line.unit_price),
        "net": str(line.net),
        "tax_category": line.tax.category.value,
        "tax_rate": str(line.tax.rate),
        "tax_reason": line.tax.reason,
        "nominal_code": line.nominal_code,
    }


def _read_line(value: Mapping[str, str]) -> InvoiceLine:
    tax = LineTax(Category(value["tax_category"]), Decimal(value["tax_rate"]), value["tax_reason"])
    return InvoiceLine(
        value["order_ref"],
        value["description"],
        value["sku"],
        Decimal(value["quantity"]),
        Decimal(value["unit_price"]),
        Decimal(value["net"]),
        tax,
        value["nominal_code"],
    )


def _subtotal(row: TaxSubtotal) -> dict[str, str]:
    return {"category": row.category.value, "rate": str(row.rate), "net": str(row.net), "tax": str(row.tax), "reason": row.reason}


def _read_subtotal(value: Mapping[str, str]) -> TaxSubtotal:
    return TaxSubtotal(Category(value["category"]), Decimal(value["rate"]), Decimal(value["net"]), Decimal(value["tax"]), value["reason"])

"""The configuration in force as YAML: applying what was written changes nothing."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic_core import PydanticUndefined

from application.queries.export_configuration import ExportedConfiguration
from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.flow import Flow
from domain.companies.integration import Integration
from domain.companies.plan import Plan
from domain.companies.schedule import Every, Schedule
from domain.pricing.price_list import PriceBreak
from domain.pricing.tax_rates import TaxRate
from entrypoints.configuration.fields import weekday_name
from entrypoints.configuration.kinds import KINDS
from entrypoints.configuration.plans import instant
from entrypoints.configuration.secrets import placeholder

_EMPTY: tuple[Any, ...] = ("", None, [], {})
_NOTHING = (*_EMPTY, (), PydanticUndefined)


def write_configuration(exported: ExportedConfiguration) -> str:
    """The YAML text; secrets are placeholders, and a comment at the top names the variables that hold them on apply."""
    configuration = exported.configuration
    value = {
        "admin_companies": [_seller(seller) for seller in configuration.admin_companies.values()],
        "companies": [
            _company(company, [_integration(exported, company, entry) for entry in configuration.integrations_of(company.ref)])
            for company in configuration.companies.values()
        ],
        "price_lists": [{"company": ref, **_price(price)} for ref, prices in configuration.price_lists.items() for price in prices],
        "tax_rates": [_rate(rate) for rates in configuration.tax_rates.values() for rate in rates],
        "flows": [_flow(flow) for flow in configuration.flows.values()],
    }
    body = yaml.safe_dump({key: entries for key, entries in value.items() if entries}, sort_keys=False, allow_unicode=True, width=120)
    return "".join(_comments(exported)) + body


def _comments(exported: ExportedConfiguration) -> Iterator[str]:
    variables = [
        (_variable(entry, name), path) for path, entry in exported.configuration.integrations.items() for name in _secrets(exported, path)
    ]
    yield f"# Billhook configuration, revision {exported.configuration.revision}. Apply it with: billhook apply -f FILE\n"
    if variables:
        yield "# Secrets are never exported. Set these environment variables before you apply this file:\n"
        yield from (f"#   {variable}  ({path})\n" for variable, path in variables)


def _secrets(exported: ExportedConfiguration, path: str) -> tuple[str, ...]:
    return exported.secret_names.get(path, ())


def _variable(integration: Integration, secret: str) -> str:
    return placeholder(integration.company, integration.kind, integration.name, secret)


def _seller(seller: AdminCompany) -> dict[str, Any]:
    return _given(
        {
            "ref": seller.ref,
            "name": seller.name,
            "address": _fields(seller.address),
            "vat_number": seller.vat_number,
            "registration_number": seller.registration_number,
            "email": seller.email,
            "phone": seller.phone,
            "bank": _fields(seller.bank),
            "numbering": _fields(seller.numbering),
            "oss": seller.oss,
            "logo": _logo(seller.logo_sha256),
            "footer": seller.footer,
        }
    )


def _company(company: Company, integrations: list[dict[str, Any]]) -> dict[str, Any]:
    return _given(
        {
            "ref": company.ref,
            "admin_company": company.admin_company,
            "name": company.name,
            "address": _fields(company.address),
            "vat_number": company.vat_number,
            "email": company.email,
            "currency": company.currency,
            "logo": _logo(company.logo_sha256),
            "plan": _plan(company.plan),
            "integrations": integrations,
        }
    )


def _plan(plan: Plan) -> dict[str, Any]:
    return _given(
        {
            "enabled": plan.enabled,
            "starting_from": _moment(plan.starting_from, plan.timezone),
            "include_orders_with_errors": plan.include_orders_with_errors,
            "bill_to": plan.bill_to,
            "layout": plan.layout,
            "schedule": _schedule(plan.schedule),
            "next_invoice_at": _moment(plan.next_invoice_at, plan.timezone),
            "payment_terms_days": plan.payment_terms_days,
            "orders_per_invoice_max": plan.orders_per_invoice_max,
            "billable_statuses": list(plan.billable_statuses) if plan.billable_statuses != Plan().billable_statuses else [],
            "payment_statuses": list(plan.payment_statuses),
            "timezone": plan.timezone,
        }
    )


def _schedule(schedule: Schedule | None) -> dict[str, Any]:
    if schedule is None:
        return {}
    return _given(
        {
            "every": schedule.every,
            "weekday": weekday_name(schedule.weekday) if schedule.every is Every.WEEK else "",
            "day": schedule.day if schedule.every is Every.MONTH else "",
            "at": "" if schedule.every is Every.DISPATCH else f"{schedule.at:%H:%M}",
        }
    )


def _integration(exported: ExportedConfiguration, company: Company, integration: Integration) -> dict[str, Any]:
    return _given(
        {
            "kind": integration.kind,
            "name": integration.name,
            "enabled": integration.enabled,
            "starting_from": _moment(integration.starting_from, company.plan.timezone),
            "weight": integration.weight if integration.weight > 1 else "",
            "settings": _settings(integration),
            "secrets": {name: f"${{{_variable(integration, name)}}}" for name in _secrets(exported, integration.path)},
        }
    )


def _settings(integration: Integration) -> dict[str, Any]:
    """Without what is empty, unless leaving it out would bring a default back."""
    kind = KINDS.get(integration.kind)
    defaults = {name: field.get_default(call_default_factory=True) for name, field in kind.settings.model_fields.items()} if kind else {}
    shown = {key: _plain(value) for key, value in integration.settings.items()}
    return {key: value for key, value in shown.items() if value not in _EMPTY or (value is not None and defaults.get(key) not in _NOTHING)}


def _price(price: PriceBreak) -> dict[str, Any]:
    return _fields(price)


def _rate(rate: TaxRate) -> dict[str, Any]:
    return _fields(rate)


def _flow(flow: Flow) -> dict[str, Any]:
    return _given(
        {
            "name": flow.name,
            "source": flow.source,
            "target": flow.target,
            "objects": [each.value for each in flow.objects],
            "enabled": flow.enabled,
            "schedule": _schedule(flow.schedule) | {"timezone": flow.schedule.timezone},
            "amount_per_run": flow.amount_per_run,
            "date_from": _moment(flow.date_from, flow.schedule.timezone),
            "statuses": list(flow.statuses),
            "field_map": dict(flow.field_map),
            "conflicts": flow.conflicts,
            "document": flow.document,
        }
    )


def _fields(part: Any) -> dict[str, Any]:
    return _given({name: getattr(part, name) for name in type(part).__slots__})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, and with values that YAML knows. False and 0 are something."""
    shown = {key: _plain(value) for key, value in values.items()}
    return {key: value for key, value in shown.items() if value not in _EMPTY}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case Decimal():
            return f"{value:f}"
    return value


def _logo(sha256: str) -> str:
    return f"sha256:{sha256}" if sha256 else ""


def _moment(moment: datetime | None, timezone: str) -> str:
    """The day where it is the start of one in the plan's zone, else the UTC time."""
    if moment is None:
        return ""
    day = moment.astimezone(ZoneInfo(timezone)).date()
    is_start = instant(day, timezone) == moment
    return day.isoformat() if is_start else moment.astimezone(UTC).isoformat()

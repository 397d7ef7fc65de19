"""What differs between two configurations, as people read it: one line a value, one line for a whole new or gone entry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from application.configuration import Configuration
from domain.companies.integration import Integration
from domain.pricing.price_list import PriceBreak
from domain.pricing.tax_rates import TaxRate


class Act(StrEnum):
    """What happens to a value or an entry."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ConfigurationChange:
    """One difference. ``old`` and ``new`` are texts for people; both are empty for a secret."""

    act: Act
    path: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    leaves: Mapping[str, str]


def compare(old: Configuration, new: Configuration) -> Iterator[ConfigurationChange]:
    """Every difference, secrets apart; none where the two are equal."""
    before, after = dict(_entries(old)), dict(_entries(new))
    for path in [*after, *(path for path in before if path not in after)]:
        if path not in before:
            yield ConfigurationChange(Act.ADDED, path, new=after[path].title)
        elif path not in after:
            yield ConfigurationChange(Act.REMOVED, path, old=before[path].title)
        else:
            yield from _compare_leaves(path, before[path].leaves, after[path].leaves)


def _compare_leaves(path: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[ConfigurationChange]:
    for leaf in dict.fromkeys((*after, *before)):
        old, new = before.get(leaf, ""), after.get(leaf, "")
        if old != new:
            act = Act.CHANGED if old and new else Act.ADDED if new else Act.REMOVED
            yield ConfigurationChange(act, path + leaf, old, new)


def integration_path(integration: Integration) -> str:
    """Where an integration stands in the file, by names: ``companies[777].integrations[pdf_emailer]``."""
    name = "/".join(filter(None, (integration.kind, integration.name)))
    return f"companies[{integration.company}].integrations[{name}]"


def _entries(configuration: Configuration) -> Iterator[tuple[str, _Entry]]:
    for ref, seller in configuration.admin_companies.items():
        yield f"admin_companies[{ref}]", _Entry(seller.name, dict(_leaves("", seller)))
    for ref, company in configuration.companies.items():
        yield f"companies[{ref}]", _Entry(company.name, dict(_leaves("", company)))
    for integration in configuration.integrations.values():
        yield integration_path(integration), _Entry("enabled" if integration.enabled else "not enabled", dict(_leaves("", integration)))
    for name, flow in configuration.flows.items():
        yield f"flows[{name}]", _Entry(f"{flow.source} to {flow.target}", dict(_leaves("", flow)))
    for company_ref, prices in configuration.price_lists.items():
        for price in prices:
            yield f"price_lists[{company_ref}]{_price_key(price)}", _Entry(str(price.unit_price), dict(_leaves("", price)))
    for country, rates in configuration.tax_rates.items():
        for rate in rates:
            yield f"tax_rates[{country}]{_rate_key(rate)}", _Entry(str(rate.rate), dict(_leaves("", rate)))


def _price_key(price: PriceBreak) -> str:
    return f"[{price.currency} {price.sku} from {_text(price.from_quantity)}{_days(price.valid_from, price.valid_to)}]"


def _rate_key(rate: TaxRate) -> str:
    return f"[{rate.tax_code}{_days(rate.valid_from, rate.valid_to)}]"


def _days(first: date | None, last: date | None) -> str:
    return f", {first or ''}..{last or ''}" if first or last else ""


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if is_dataclass(value):
        for item in fields(value):
            yield from _leaves(f"{path}.{item.name}", getattr(value, item.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    else:
        yield path, _text(value)


def _text(value: object) -> str:
    """The value as people write it; equal values have equal texts."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.value)
        case Decimal():
            return f"{value.normalize():f}"
        case tuple() | list():
            return ", ".join(map(_text, value))
    return str(value)

"""A YAML file turned into what `apply` takes, or refused with all its mistakes at once.

Each entry is read on its own, so that a mistake in one hides none in another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from application.configuration import Configuration
from application.configuration_mistakes import ConfigurationRefused, Mistake
from application.ports.key_pairs import KeyPairs
from application.ports.templates import Templates
from application.ports.vat_register import VatRegister
from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.flow import Flow
from domain.companies.integration import Integration
from domain.pricing.price_list import PriceBreak
from domain.pricing.tax_rates import TaxRate
from entrypoints.configuration import document
from entrypoints.configuration.admin_companies import AdminCompanyModel
from entrypoints.configuration.companies import CompanyModel, IntegrationModel
from entrypoints.configuration.document import Document
from entrypoints.configuration.flows import FlowModel
from entrypoints.configuration.kinds import KINDS
from entrypoints.configuration.kinds.kind import Kind, Surroundings, Where
from entrypoints.configuration.logos import read_logo, stored_logo
from entrypoints.configuration.rates_and_prices import PriceModel, TaxRateModel
from entrypoints.configuration.readings import Readings, read_all
from entrypoints.configuration.secrets import resolve_secret
from entrypoints.configuration.strict import Model, Strict, read_model
from entrypoints.suggestions import did_you_mean

SECTIONS: Mapping[str, type[Strict]] = {
    "admin_companies": AdminCompanyModel,
    "companies": CompanyModel,
    "price_lists": PriceModel,
    "tax_rates": TaxRateModel,
    "flows": FlowModel,
}
Entry = TypeVar("Entry", bound=Strict)
_At = document.Path


@dataclass(frozen=True, slots=True)
class Declared:
    """What a file declares: a part of a configuration, with the logos and secrets that belong to it.

    A secret that is None is to be removed.
    """

    configuration: Configuration
    assets: Mapping[str, bytes]
    secrets: Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class ConfigurationReader:
    """Reads files; the ports judge VAT numbers, keys and templates.

    Templates are judged with the variables of an invented invoice (``sample``) or order.
    """

    templates: Templates
    vat_register: VatRegister
    sample: Mapping[str, Any]
    sample_order: Mapping[str, Any]
    key_pairs: KeyPairs

    def __call__(self, text: str, folder: Path, environment: Mapping[str, str]) -> Declared:
        """Read a file whose relative paths start in ``folder``. Raises ConfigurationRefused."""
        reading = _Reading(document.parse(text), folder, environment, self)
        declared = reading.run()
        if reading.mistakes:
            raise ConfigurationRefused(reading.mistakes)
        return declared


@dataclass(slots=True)
class _Reading:
    """One file being read."""

    document: Document
    folder: Path
    environment: Mapping[str, str]
    tools: ConfigurationReader
    mistakes: list[Mistake] = field(default_factory=list)
    assets: dict[str, bytes] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, str | None]] = field(default_factory=dict)

    def run(self) -> Declared:
        sections = self._sections()
        sellers = dict(self._sellers(sections))
        companies = dict(self._companies(sections, sellers))
        configuration = Configuration(
            admin_companies=sellers,
            companies={ref: company for ref, (company, _) in companies.items()},
            price_lists=self._prices(sections, companies),
            tax_rates=self._rates(sections),
            integrations={integration.path: integration for _, integrations in companies.values() for integration in integrations},
            flows=dict(self._flows(sections)),
        )
        return Declared(configuration, self.assets, self.secrets)

    def _refuse(self, path: _At, text: str) -> None:
        self.mistakes.append(Mistake(self._name(path), text, self.document.line_of(path)))

    def _name(self, path: _At) -> str:
        """The path with refs for positions, as people know their companies: ``companies[777].plan``."""
        shown: list[str | int] = []
        value = self.document.value
        for part in path:
            try:
                value = value[part]
            except (TypeError, KeyError, IndexError):
                value = None
            label = _label(value) if isinstance(part, int) else None
            shown.append(f"[{label}]" if label else part)
        return document.show_path(tuple(shown)).replace(".[", "[")

    def _sections(self) -> dict[str, list[Any]]:
        value = self.document.value
        if not isinstance(value, Mapping) or not value:
            self._refuse((), f"This file declares nothing; it may hold {', '.join(SECTIONS)}.")
            return {}
        sections: dict[str, list[Any]] = {}
        for key, entries in value.items():
            if key not in SECTIONS:
                self._refuse((key,), f"There is no such key. {did_you_mean(key, SECTIONS)}".rstrip())
            elif entries is not None and not isinstance(entries, list):
                self._refuse((key,), "Here a list is expected.")
            else:
                sections[key] = entries or []
        return sections

    def _entries(self, sections: Mapping[str, list[Any]], section: str, model: type[Entry]) -> Iterator[tuple[_At, Entry]]:
        for index, given in enumerate(sections.get(section, ())):
            entry = self._read(model, given, (section, index))
            if entry is not None:
                yield (section, index), entry

    def _read_all(self, model: type[Model], given: object, path: _At) -> Readings[Model]:
        readings = read_all(model, given)
        for inside, text in readings.problems:
            self._refuse((*path, *inside), text)
        return readings

    def _read(self, model: type[Model], given: object, path: _At) -> Model | None:
        entry, problems = read_model(model, given)
        for inside, text in problems:
            self._refuse((*path, *inside), text)
        return entry

    def _sellers(self, sections: Mapping[str, list[Any]]) -> Iterator[tuple[str, AdminCompany]]:
        seen: set[str] = set()
        for index, given in enumerate(sections.get("admin_companies", ())):
            path = ("admin_companies", index)
            read = self._read_all(AdminCompanyModel, given, path)
            for inside, text in read.judge(self._vat_number):
                self._refuse((*path, *inside), text)
            if not read.problems:
                model = read.meanings[0]
                self._refuse_twice(seen, model.ref, (*path, "ref"))
                yield model.ref, model.to_domain(self._logo(model.logo, path))

    def _vat_number(self, model: AdminCompanyModel) -> Iterator[tuple[tuple[str, ...], str]]:
        if model.vat_number and not self.tools.vat_register.is_valid(model.vat_number):
            yield ("vat_number",), f"{model.vat_number!r} is no VAT number: its check digits or its country prefix do not fit."

    def _companies(
        self, sections: Mapping[str, list[Any]], sellers: Mapping[str, AdminCompany]
    ) -> Iterator[tuple[str, tuple[Company, list[Integration]]]]:
        seen: set[str] = set()
        for index, given in enumerate(sections.get("companies", ())):
            path = ("companies", index)
            model = self._read(CompanyModel, given, path)
            # Integrations are read even where the company is wrong, so that the mistakes in them show at once.
            integrations = list(self._integrations(given, model, (*path, "integrations")))
            if model is None:
                continue
            self._refuse_twice(seen, model.ref, (*path, "ref"))
            if model.ref in sellers:
                self._refuse((*path, "ref"), f"{model.ref!r} is an admin company; a company that is invoiced needs a ref of its own.")
            yield model.ref, (model.to_domain(self._logo(model.logo, path)), integrations)

    def _integrations(self, given: Any, company: CompanyModel | None, path: _At) -> Iterator[Integration]:
        entries = given.get("integrations") if isinstance(given, Mapping) else None
        seen: set[str] = set()
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            here = (*path, index)
            read = self._read_all(IntegrationModel, entry, here)
            model = next(iter(read.meanings), None)
            if model is None or "kind" in read.unread:
                continue
            kind = KINDS.get(model.kind)
            if kind is None:
                self._refuse((*here, "kind"), _unknown_kind(model.kind))
                continue
            settings, secrets = self._inside(kind, model, company, here, read.unread)
            self._refuse_twice(seen, f"{model.kind}/{model.name}", here, "Give each integration of one kind a name of its own.")
            if company and not read.problems:
                integration = model.to_domain(company.ref, company.plan.zone, settings)
                self.secrets[integration.path] = secrets
                yield integration

    def _inside(
        self, kind: Kind, model: IntegrationModel, company: CompanyModel | None, path: _At, unread: frozenset[str]
    ) -> tuple[Mapping[str, Any], Mapping[str, str | None]]:
        """The settings and the secrets, as far as they can be read: mistakes in the one hide none in the other."""
        tools = self.tools
        around = Surroundings(company, tools.templates, tools.sample, tools.sample_order, tools.key_pairs)
        secrets = {} if "secrets" in unread else dict(self._secrets(kind, model, (*path, "secrets")))
        if "settings" in unread:
            return {}, secrets
        here = (*path, "settings")
        settings = self._read_all(kind.settings, model.settings, here)
        for inside, text in settings.judge(lambda meant: [(_keys(where), told) for where, told in kind.check(meant, around)]):
            self._refuse((*here, *inside), text)
        given = {name: value for name, value in secrets.items() if value is not None}
        for inside, text in settings.judge(lambda meant: [((name,), told) for name, told in kind.check_secrets(meant, given, around)]):
            self._refuse((*path, "secrets", *inside), text)
        return ({} if settings.problems else settings.meanings[0].model_dump(mode="json")), secrets

    def _secrets(self, kind: Kind, model: IntegrationModel, path: _At) -> Iterator[tuple[str, str | None]]:
        for name, written in model.secrets.items():
            here = (*path, name)
            if name not in kind.secrets:
                self._refuse(here, f"{kind.name} has no such secret. {did_you_mean(name, kind.secrets)}".rstrip())
                continue
            try:
                yield name, None if written is None else resolve_secret(written, self.folder, self.environment)
            except ValueError as error:
                self._refuse(here, str(error))

    def _prices(self, sections: Mapping[str, list[Any]], companies: Mapping[str, object]) -> dict[str, tuple[PriceBreak, ...]]:
        """By company. A section in the file speaks for every company of the file, also for those that it gives no price."""
        prices: dict[str, list[PriceBreak]] = {ref: [] for ref in companies} if "price_lists" in sections else {}
        seen: set[tuple[object, ...]] = set()
        for path, model in self._entries(sections, "price_lists", PriceModel):
            self._refuse_twice(seen, model.key, path)
            prices.setdefault(model.company, []).append(model.to_domain())
        return {company: tuple(entries) for company, entries in prices.items()}

    def _rates(self, sections: Mapping[str, list[Any]]) -> dict[str, tuple[TaxRate, ...]]:
        rates: dict[str, list[TaxRate]] = {}
        seen: set[tuple[object, ...]] = set()
        for path, model in self._entries(sections, "tax_rates", TaxRateModel):
            self._refuse_twice(seen, model.key, path)
            rates.setdefault(model.country, []).append(model.to_domain())
        return {country: tuple(entries) for country, entries in rates.items()}

    def _flows(self, sections: Mapping[str, list[Any]]) -> Iterator[tuple[str, Flow]]:
        seen: set[str] = set()
        for path, model in self._entries(sections, "flows", FlowModel):
            self._refuse_twice(seen, model.name, (*path, "name"))
            for place, text in model.mistakes():
                self._refuse((*path, "field_map", place), text)
            yield model.name, model.to_domain()

    def _logo(self, written: str, path: _At) -> str:
        if not written:
            return ""
        if stored := stored_logo(written):
            return stored
        try:
            sha256, content = read_logo(written, self.folder)
        except ValueError as error:
            self._refuse((*path, "logo"), str(error))
            return ""
        self.assets[sha256] = content
        return sha256

    def _refuse_twice(self, seen: set[Any], key: object, path: _At, advice: str = "") -> None:
        if key in seen:
            self._refuse(path, f"This stands in the file twice. {advice}".rstrip())
        seen.add(key)


def _keys(where: Where) -> tuple[str, ...]:
    return where if isinstance(where, tuple) else (where,) if where else ()


def _unknown_kind(name: str) -> str:
    return f"There is no kind {name!r}. {did_you_mean(name, KINDS)}".rstrip()


def _label(entry: object) -> str | None:
    """What an entry of a list is known by; of several integrations of a kind each by its name, too: ``sage_csv/books``."""
    if not isinstance(entry, Mapping):
        return None
    known = {key: str(entry[key]) for key in ("ref", "kind", "name") if isinstance(entry.get(key), str | int)}
    return known.get("ref") or "/".join(filter(None, (known.get("kind"), known.get("name")))) or None

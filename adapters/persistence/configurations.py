"""The declared configuration: documents as JSON, secrets sealed, decoded once per revision and process."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select, update

from adapters.persistence.bulk import insert_or
from adapters.persistence.tables import (
    admin_companies,
    assets,
    companies,
    configuration,
    flows,
    integrations,
    lanes,
    price_lists,
    tax_rates,
)
from application.configuration import Configuration
from application.ports.secret_box import SecretBox, secret_place
from domain.companies.admin_company import AdminCompany
from domain.companies.company import Company
from domain.companies.flow import Flow
from domain.companies.integration import Integration
from domain.errors import DomainError
from domain.pricing.price_list import PriceBreak
from domain.pricing.tax_rates import TaxRate

_i = integrations.c
_REVISION = select(configuration.c.revision)
_SECRETS = select(_i.path, _i.secrets)
_DECODE_TEXTS = msgspec.json.Decoder(dict[str, str])


@dataclass(slots=True)
class ConfigurationCache:
    """The configuration last read, shared by the units of work of one engine. A whole value is put in its place at once."""

    known: Configuration | None = None


class SqlConfigurations:
    """The port ``Configurations``."""

    def __init__(self, connection: Connection, secret_box: SecretBox, cache: ConfigurationCache) -> None:
        self._connection = connection
        self._secret_box = secret_box
        self._cache = cache
        self._saved = False
        self._read = 0

    def revision_read(self) -> int:
        """The revision that ``current`` answered last in this unit of work; 0 where it was not asked."""
        return self._read

    def current(self) -> Configuration:
        revision = self._revision()
        known = self._cache.known
        if known is None or known.revision != revision or self._saved:
            known = self._load(revision)
            # What this unit of work saved may be rolled back, and its revision then given to something else.
            if not self._saved:
                self._cache.known = known
        self._read = known.revision
        return known

    def _revision(self) -> int:
        revision: int = self._connection.execute(_REVISION).scalar_one()
        return revision

    def _load(self, revision: int) -> Configuration:
        """Several reads make one configuration only where nobody saved another meanwhile."""
        while True:
            loaded = Configuration(
                revision,
                self._documents(admin_companies, AdminCompany),
                self._documents(companies, Company),
                self._documents(price_lists, tuple[PriceBreak, ...]),
                self._documents(tax_rates, tuple[TaxRate, ...]),
                self._integrations(),
                self._documents(flows, Flow),
            )
            now = self._revision()
            if now == revision:
                return loaded
            revision = now

    def _documents(self, table: Table, type_: Any) -> dict[str, Any]:
        decoder = msgspec.json.Decoder(type_)
        key = table.primary_key.columns[0]
        rows = self._connection.execute(select(key, table.c.document).order_by(key))
        return {ref: decoder.decode(document) for ref, document in rows}

    def _integrations(self) -> dict[str, Integration]:
        decoder = msgspec.json.Decoder(Integration)
        rows = self._connection.execute(select(_i.path, _i.document).where(_i.declared).order_by(_i.path))
        return {path: decoder.decode(document) for path, document in rows}

    def save(self, wanted: Configuration, assets: Mapping[str, bytes], secrets: Mapping[str, Mapping[str, str | None]]) -> int:
        revision: int = self._connection.execute(_REVISION.with_for_update()).scalar_one() + 1
        self._connection.execute(update(configuration).values(revision=revision))
        self._saved = True
        self._replace(admin_companies, wanted.admin_companies)
        self._replace(companies, wanted.companies)
        self._replace(price_lists, wanted.price_lists)
        self._replace(tax_rates, wanted.tax_rates)
        self._replace(flows, wanted.flows)
        self._save_integrations(wanted.integrations.values(), revision)
        self._save_assets(assets)
        for path, values in secrets.items():
            self._save_secrets(path, values)
        return revision

    def _replace(self, table: Table, values: Mapping[str, Any]) -> None:
        key = table.primary_key.columns[0].name
        self._connection.execute(delete(table))
        rows = [{key: ref, "document": _encode(value)} for ref, value in values.items()]
        if rows:
            self._connection.execute(insert(table), rows)

    def _save_integrations(self, wanted: Iterable[Integration], revision: int) -> None:
        before = dict(self._connection.execute(select(_i.path, _i.enabled_revision).where(_i.enabled)).all())
        self._connection.execute(update(integrations).values(enabled=False, declared=False))
        rows = [_row(each, before.get(each.path, revision)) for each in wanted]
        if rows:
            new = insert_or(self._connection, integrations)
            set_ = {name: new.excluded[name] for name in rows[0] if name not in {"path", "secrets"}}
            self._connection.execute(new.on_conflict_do_update(index_elements=[_i.path], set_=set_), rows)
        # What was changed may be what the parked lanes were waiting for.
        self._connection.execute(update(lanes).where(lanes.c.parked_until.is_not(None)).values(parked_until=None))

    def _save_assets(self, files: Mapping[str, bytes]) -> None:
        rows = [{"sha256": sha256, "content": content} for sha256, content in files.items()]
        if rows:
            self._connection.execute(insert_or(self._connection, assets).on_conflict_do_nothing(), rows)

    def _save_secrets(self, path: str, values: Mapping[str, str | None]) -> None:
        sealed = {name: value for name, value in self._sealed(path).items() if name not in values}
        given = {name: plain for name, plain in values.items() if plain is not None}
        sealed |= {name: self._secret_box.seal(plain, secret_place(path, name)) for name, plain in given.items()}
        self._connection.execute(update(integrations).where(_i.path == path).values(secrets=_encode(sealed)))

    def asset(self, sha256: str) -> bytes | None:
        content = self._connection.execute(select(assets.c.content).where(assets.c.sha256 == sha256)).scalar()
        return None if content is None else bytes(content)

    def secrets_of(self, integration_path: str) -> Mapping[str, str]:
        sealed = self._sealed(integration_path)
        return {name: self._secret_box.open(value, secret_place(integration_path, name)) for name, value in sealed.items()}

    def secret_names(self) -> Mapping[str, Mapping[str, str]]:
        rows = self._connection.execute(_SECRETS.where(_i.declared).order_by(_i.path))
        return {path: self._fingerprints(path, _DECODE_TEXTS.decode(sealed)) for path, sealed in rows}

    def _sealed(self, path: str) -> dict[str, str]:
        sealed = self._connection.execute(_SECRETS.where(_i.path == path)).first()
        return {} if sealed is None else _DECODE_TEXTS.decode(sealed.secrets)

    def _fingerprints(self, path: str, sealed: Mapping[str, str]) -> Mapping[str, str]:
        return {name: self._fingerprint(value, secret_place(path, name)) for name, value in sealed.items()}

    def _fingerprint(self, sealed: str, place: str) -> str:
        try:
            return self._secret_box.fingerprint(self._secret_box.open(sealed, place), place)
        except DomainError:
            # Sealed under a key that is gone: it differs from any value, so that the next apply can put it right.
            return ""


def _row(integration: Integration, enabled_revision: int) -> dict[str, Any]:
    return {
        "path": integration.path,
        "company": integration.company,
        "kind": integration.kind,
        "enabled": integration.enabled,
        "declared": True,
        "enabled_revision": enabled_revision,
        "starting_from": integration.starting_from,
        "document": _encode(integration),
        "secrets": "{}",
    }


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()

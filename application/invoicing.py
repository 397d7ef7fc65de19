"""Numbering drafts and storing them: the one way by which a document comes into being."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from application.configuration import Configuration
from application.number_guarding import require_not_behind
from application.ports.deliveries import Owed
from application.ports.destination import Destinations
from application.ports.documents import NewDocument
from application.ports.unit_of_work import UnitOfWork
from domain.companies.admin_company import AdminCompany
from domain.companies.integration import Integration
from domain.invoicing.content import canonical_json, to_content
from domain.invoicing.document import DocumentType, Draft, Issued
from domain.invoicing.number_series import content_hash


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft with its content worked out: all that can be done before the series is locked."""

    draft: Draft
    content_json: str
    content_sha256: str
    orders: tuple[tuple[int, str], ...]


def prepare(draft: Draft, orders: Sequence[tuple[int, str]]) -> Prepared:
    """Work out the content; ``orders`` are ids with the fingerprints they are invoiced at."""
    content_json = canonical_json(to_content(draft))
    return Prepared(draft, content_json, content_hash(content_json), tuple(orders))


def issue_documents(  # noqa: PLR0913 - a plain list of what issuing depends on
    uow: UnitOfWork,
    seller: AdminCompany,
    type_: DocumentType,
    prepared: Sequence[Prepared],
    now: datetime,
    timezone: str,
    run_id: int | None,
) -> Sequence[tuple[int, Issued]]:
    """Lock the series, number the documents and store them. The lock is held until the unit of work ends: be quick.

    Raises DomainError("series_behind") where a vendor's books hold a higher number than the series has come to.
    """
    numbering = seller.numbering
    is_invoice = type_ is DocumentType.INVOICE
    number_format = numbering.format if is_invoice else numbering.credit_format
    series = uow.documents.lock_series(seller.ref, type_, numbering.first if is_invoice else numbering.credit_first)
    require_not_behind(uow, series)
    today = now.astimezone(ZoneInfo(timezone)).date()
    documents: list[NewDocument] = []
    for item in prepared:
        issued, series = series.issue(item.draft, item.content_sha256, number_format, today)
        documents.append(NewDocument(issued, item.content_json, item.orders, run_id))
    ids = uow.documents.add(documents, series, now)
    return [(document_id, document.issued) for document_id, document in zip(ids, documents, strict=True)]


def owe_documents(uow: UnitOfWork, integrations: Sequence[Integration], subject: str, ids: Sequence[int], now: datetime) -> int:
    """Record that these integrations are owed these documents, in the transaction that makes the documents; how many are new."""
    return uow.deliveries.owe([Owed(integration.path, subject, document_id) for document_id in ids for integration in integrations], now)


def integrations_for(
    configuration: Configuration, company: str, subject: str, destinations: Destinations, now: datetime
) -> tuple[Integration, ...]:
    """The company's integrations that take this subject, are switched on and have started."""
    return tuple(
        integration
        for integration in configuration.integrations_of(company)
        if integration.enabled
        and subject in destinations.takes(integration)
        and (integration.starting_from is None or integration.starting_from <= now)
    )

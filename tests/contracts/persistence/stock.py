"""Puts into the store what a test needs there: orders, invoices, integrations."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from adapters.persistence.unit_of_work import SqlUnitsOfWork
from application.configuration import Configuration
from application.ports.documents import NewDocument
from application.ports.orders import ArrivalRecord, OrderVersion
from application.ports.unit_of_work import UnitOfWork
from domain.companies.integration import Integration
from domain.invoicing.content import canonical_json, to_content
from domain.invoicing.document import DocumentType, Draft
from domain.invoicing.number_series import content_hash
from domain.orders.versions import Arrival, VersionMark
from tests import factories

SECRET_KEY = "a key for tests, long enough to be one"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MAILER = "501/pdf_emailer"


def seconds(count: float) -> timedelta:
    """A short time."""
    return timedelta(seconds=count)


def a_version(ref: str = "90001", **changes: Any) -> OrderVersion:
    """A new order that is due."""
    body = changes.pop("body", None) or factories.an_order_body(ref=ref)
    version = OrderVersion(
        order_id=None,
        source="oms",
        ref=ref,
        mark=VersionMark(1, NOW, sha256(body).hexdigest()),
        external_ref=f"WEB-{ref}",
        company_ref="501",
        status="Dispatched",
        created_at=factories.CREATED_AT,
        billing_fingerprint=f"fingerprint of {ref}",
        decision="due",
        revision=1,
        body=body,
    )
    return replace(version, **changes)


def an_arrival(of: OrderVersion, /, **changes: Any) -> ArrivalRecord:
    """The accepted message of a version."""
    arrival = ArrivalRecord(of.source, of.ref, of.mark.version, of.mark.body_sha256, Arrival.ACCEPTED, f"msg-{of.ref}")
    return replace(arrival, **changes)


def keep_orders(units_of_work: SqlUnitsOfWork, *versions: OrderVersion) -> list[int]:
    """Record versions with their messages; returns the order ids."""
    with units_of_work() as uow:
        uow.orders.record(versions, [an_arrival(version) for version in versions], NOW)
        known = uow.orders.lock_known([(version.source, version.ref) for version in versions])
        uow.commit()
    return [known[version.source, version.ref].order_id for version in versions]


def issue(uow: UnitOfWork, groups: Sequence[Sequence[tuple[int, str]]], **changes: Any) -> Sequence[int]:
    """Issue one invoice for each group of orders (id, ref), as a run does; returns the document ids."""
    run_id = changes.pop("run_id", None)
    series = uow.documents.lock_series("acme-print", DocumentType.INVOICE, changes.pop("first", 1))
    documents = []
    for group in groups:
        draft = a_draft([ref for _, ref in group], **changes)
        content = canonical_json(to_content(draft))
        issued, series = series.issue(draft, content_hash(content), "INV-{number:06d}", factories.TODAY)
        documents.append(NewDocument(issued, content, tuple((id_, f"fingerprint of {ref}") for id_, ref in group), run_id))
    return uow.documents.add(documents, series, NOW)


def a_draft(refs: Sequence[str], **changes: Any) -> Draft:
    """The draft of an invoice over orders of these refs."""
    return factories.a_draft(*(factories.an_order(ref=ref) for ref in refs), **changes)


def issue_orders(units_of_work: SqlUnitsOfWork, *refs: str) -> list[int]:
    """New orders of these refs, one invoice for each; returns the document ids."""
    ids = keep_orders(units_of_work, *(a_version(ref) for ref in refs))
    with units_of_work() as uow:
        documents = issue(uow, [[(id_, ref)] for id_, ref in zip(ids, refs, strict=True)])
        uow.commit()
    return list(documents)


def credit(uow: UnitOfWork, invoice_id: int, *refs: str) -> tuple[int, Sequence[int]]:
    """Credit orders of an invoice; the credit note's id and the ids of the orders that are free."""
    series = uow.documents.lock_series("acme-print", DocumentType.CREDIT_NOTE, 1)
    draft = a_draft(refs, type=DocumentType.CREDIT_NOTE, corrects=uow.documents.get(invoice_id).issued.display_number)
    content = canonical_json(to_content(draft))
    issued, series = series.issue(draft, content_hash(content), "CN-{number:06d}", factories.TODAY)
    [credit_note] = uow.documents.add([NewDocument(issued, content, (), None)], series, NOW)
    return credit_note, uow.documents.mark_credited(invoice_id, refs, credit_note)


def configure(units_of_work: SqlUnitsOfWork, *integrations: Integration, **changes: Any) -> Configuration:
    """Save a configuration with these integrations, by default the e-mailer of company 501."""
    wanted = integrations or (factories.an_integration(),)
    configuration = factories.a_configuration(integrations={each.path: each for each in wanted}, **changes)
    with units_of_work() as uow:
        revision = uow.configurations.save(configuration, {}, {})
        uow.commit()
    return replace(configuration, revision=revision)

"""Puts the adapter together for one lane's visit."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial

import requests

from adapters.accounting.app_of import app_of
from adapters.accounting.vendor_api import VendorApi
from adapters.accounting.xero.admission import Admission, is_token_too_old
from adapters.accounting.xero.allocation import Allocations
from adapters.accounting.xero.api import XeroApi
from adapters.accounting.xero.attachments import Attachments
from adapters.accounting.xero.billed_to import BilledTo
from adapters.accounting.xero.charts import Charts
from adapters.accounting.xero.checks import Checks
from adapters.accounting.xero.contacts import Contacts
from adapters.accounting.xero.destination import XeroDestination
from adapters.accounting.xero.idempotency import IdempotencyKeys
from adapters.accounting.xero.items import Items
from adapters.accounting.xero.ledger import XeroLedger
from adapters.accounting.xero.limits import budgets_of, day_left, retry_after
from adapters.accounting.xero.look_ups import LookUps
from adapters.accounting.xero.posting import Posting
from adapters.accounting.xero.sending import Sending
from adapters.accounting.xero.settings import DEFAULT_SCOPES, KIND, XeroSettings, settings_of
from application.accounting.access_tokens import Access, AccessTokens
from application.accounting.call_pacer import CallPacer
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import LaneContext
from application.ports.invoice_renderer import InvoiceRenderer
from domain.pricing.tax_rates import TaxRate

_API_PATH = "/api.xro/2.0"


@dataclass(frozen=True, slots=True)
class XeroTools:
    """What all lanes share. ``memory`` gives a memory for one visit; ``tax_rates_of`` our rates of a country."""

    api_url: str
    open_session: Callable[[], AbstractContextManager[requests.Session]]
    access_tokens: AccessTokens
    pacer: CallPacer
    memory: Callable[[], RemoteMemory]
    renderer: InvoiceRenderer
    charts: Charts
    tax_rates_of: Callable[[str], Sequence[TaxRate]]


@contextmanager
def open_xero(lane: LaneContext, tools: XeroTools) -> Iterator[XeroDestination]:
    """The destination of one lane. Nothing is asked of Xero yet."""
    settings = settings_of(lane)
    with tools.open_session() as session:
        api = _api(lane, settings, tools, session)
        memory = tools.memory()
        keys = IdempotencyKeys(api, memory)
        contacts = Contacts(api, settings, memory, keys)
        sending = Sending(api, keys)
        attachments = Attachments(sending, tools.renderer)
        billed_to = BilledTo(api, memory)
        yield XeroDestination(
            api,
            settings,
            tools.charts,
            contacts,
            Items(api, settings, keys),
            Posting(sending),
            Allocations(sending),
            attachments,
            billed_to,
            LookUps(api, settings, contacts, attachments, billed_to),
            Checks(
                api,
                lane,
                settings,
                tools.charts,
                contacts,
                tools.tax_rates_of,
                partial(_granted, api, tools.pacer),
                partial(_day_left, api, settings, tools.pacer),
                lambda: tools.pacer.clock.now().date(),
            ),
        )


@contextmanager
def open_xero_ledger(lane: LaneContext, tools: XeroTools) -> Iterator[XeroLedger]:
    """The books of one lane's organisation."""
    with tools.open_session() as session:
        api = _api(lane, settings_of(lane), tools, session)
        yield XeroLedger(api, BilledTo(api, tools.memory()))


def _api(lane: LaneContext, settings: XeroSettings, tools: XeroTools, session: requests.Session) -> XeroApi:
    app = app_of(lane, DEFAULT_SCOPES)
    vendor = VendorApi(
        session=session,
        base_url=tools.api_url + _API_PATH,
        lane_path=lane.integration.path,
        kind=KIND,
        app=app,
        access_tokens=tools.access_tokens,
        pacer=tools.pacer,
        budgets_of=lambda access: budgets_of(access, app.client_id, settings.day_limit),
        headers_of=_tenant,
        retry_after_of=retry_after,
        read_limits=day_left,
        is_stale=is_token_too_old,
    )
    return XeroApi(vendor, Admission(replace(vendor, base_url=tools.api_url, headers_of=_nothing)))


def _tenant(access: Access) -> Mapping[str, str]:
    return {"xero-tenant-id": access.organisation_id}


def _nothing(_access: Access) -> Mapping[str, str]:
    return {}


def _granted(api: XeroApi, pacer: CallPacer) -> Collection[str]:
    with pacer.units_of_work() as uow:
        connection = uow.connections.find(api.vendor.lane_path)
    return connection.scopes if connection else ()


def _day_left(api: XeroApi, settings: XeroSettings, pacer: CallPacer) -> int | None:
    budget = budgets_of(api.vendor.access(), api.vendor.app.client_id, settings.day_limit)[0]
    with pacer.units_of_work() as uow:
        calls = uow.call_budgets.find(budget.key)
    return calls.left_today(budget.limits, pacer.clock.now().timestamp())

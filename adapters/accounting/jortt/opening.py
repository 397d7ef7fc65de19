"""Puts the adapter together for one lane's visit."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import requests

from adapters.accounting.app_of import app_of
from adapters.accounting.jortt.api import JorttApi
from adapters.accounting.jortt.checks import Checks
from adapters.accounting.jortt.credits import Credits
from adapters.accounting.jortt.customers import Customers
from adapters.accounting.jortt.destination import JorttDestination
from adapters.accounting.jortt.directories import Directories
from adapters.accounting.jortt.effects import Effects
from adapters.accounting.jortt.errors import is_token_too_old
from adapters.accounting.jortt.finishing import Finishing
from adapters.accounting.jortt.ledger import JorttLedger
from adapters.accounting.jortt.limits import budgets_of, retry_after
from adapters.accounting.jortt.look_ups import LookUps
from adapters.accounting.jortt.sending import Sending
from adapters.accounting.jortt.sending_notes import SendingNotes
from adapters.accounting.jortt.settings import KIND, JorttSettings, settings_of
from adapters.accounting.jortt.vats import VatLists
from adapters.accounting.vendor_api import VendorApi
from application.accounting.access_tokens import Access, AccessTokens
from application.accounting.call_pacer import CallPacer
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import LaneContext


@dataclass(frozen=True, slots=True)
class JorttTools:
    """What all lanes share. ``memory`` gives a memory for one visit."""

    api_url: str
    open_session: Callable[[], AbstractContextManager[requests.Session]]
    access_tokens: AccessTokens
    pacer: CallPacer
    memory: Callable[[], RemoteMemory]
    vat_lists: VatLists
    directories: Directories


@contextmanager
def open_jortt(lane: LaneContext, tools: JorttTools) -> Iterator[JorttDestination]:
    """The destination of one lane. Nothing is asked of jortt yet."""
    settings = settings_of(lane)
    with tools.open_session() as session:
        yield _destination(lane, settings, tools, _api(lane, settings, tools, session))


@contextmanager
def open_jortt_ledger(lane: LaneContext, tools: JorttTools) -> Iterator[JorttLedger]:
    """The books of one lane's organisation."""
    with tools.open_session() as session:
        yield JorttLedger(_api(lane, settings_of(lane), tools, session))


def _destination(lane: LaneContext, settings: JorttSettings, tools: JorttTools, api: JorttApi) -> JorttDestination:
    memory, sleep = tools.memory(), tools.pacer.sleep
    customers = Customers(api, settings, memory, tools.directories, tools.vat_lists, sleep)
    effects = Effects(api, sleep)
    sending = Sending(api, settings, effects)
    notes = SendingNotes(memory, lambda: api.scope)
    finishing = Finishing(api, settings, memory, sending, notes, sleep)
    credits_ = Credits(api, settings, memory, effects)
    return JorttDestination(
        api=api,
        settings=settings,
        customers=customers,
        vat_lists=tools.vat_lists,
        memory=memory,
        effects=effects,
        sending=sending,
        notes=notes,
        finishing=finishing,
        credits=credits_,
        look_ups=LookUps(api, settings, memory, customers, credits_, finishing, sleep),
        checks=Checks(api, lane, settings, customers),
    )


def _api(lane: LaneContext, settings: JorttSettings, tools: JorttTools, session: requests.Session) -> JorttApi:
    return JorttApi(
        VendorApi(
            session=session,
            base_url=tools.api_url + settings.path_prefix,
            lane_path=lane.integration.path,
            kind=KIND,
            app=app_of(lane),
            access_tokens=tools.access_tokens,
            pacer=tools.pacer,
            budgets_of=budgets_of,
            headers_of=_no_headers,
            retry_after_of=retry_after,
            is_stale=is_token_too_old,
        )
    )


def _no_headers(_access: Access) -> Mapping[str, str]:
    """The organisation is that of the token."""
    return {}

"""Puts the adapter together for one lane's visit."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import requests

from adapters.accounting.app_of import app_of
from adapters.accounting.fortnox.api import FortnoxApi
from adapters.accounting.fortnox.articles import Articles
from adapters.accounting.fortnox.checks import Checks
from adapters.accounting.fortnox.credits import Credits
from adapters.accounting.fortnox.customers import Customers
from adapters.accounting.fortnox.destination import FortnoxDestination
from adapters.accounting.fortnox.effects import Effects
from adapters.accounting.fortnox.ledger import FortnoxLedger
from adapters.accounting.fortnox.limits import budgets_of, retry_after
from adapters.accounting.fortnox.look_ups import LookUps
from adapters.accounting.fortnox.present import Present
from adapters.accounting.fortnox.registers import Registers
from adapters.accounting.fortnox.sending import Sending
from adapters.accounting.fortnox.settings import KIND, settings_of
from adapters.accounting.vendor_api import VendorApi
from application.accounting.access_tokens import AccessTokens
from application.accounting.call_pacer import CallPacer
from application.accounting.remote_memory import RemoteMemory
from application.ports.destination import LaneContext

_API_PATH = "/3"


@dataclass(frozen=True, slots=True)
class FortnoxTools:
    """What all lanes share. ``memory`` gives a memory for one visit."""

    api_url: str
    open_session: Callable[[], AbstractContextManager[requests.Session]]
    access_tokens: AccessTokens
    pacer: CallPacer
    memory: Callable[[], RemoteMemory]
    registers: Registers


@contextmanager
def open_fortnox(lane: LaneContext, tools: FortnoxTools) -> Iterator[FortnoxDestination]:
    """The destination of one lane. Nothing is asked of Fortnox yet."""
    settings = settings_of(lane)
    with tools.open_session() as session:
        api = _api(lane, tools, session)
        memory = tools.memory()
        customers, articles = Customers(api, settings, memory), Articles(api, settings, memory)
        effects = Effects(api)
        sending, credit_notes = Sending(settings, effects), Credits(api, settings, memory)
        yield FortnoxDestination(
            api,
            lane,
            settings,
            tools.registers,
            customers,
            articles,
            Present(api, settings),
            effects,
            sending,
            credit_notes,
            LookUps(api, settings, memory, credit_notes, sending),
            Checks(api, lane, settings, tools.registers, customers, articles, lambda: tools.pacer.clock.now().date()),
        )


@contextmanager
def open_fortnox_ledger(lane: LaneContext, tools: FortnoxTools) -> Iterator[FortnoxLedger]:
    """The books of one lane's company."""
    with tools.open_session() as session:
        yield FortnoxLedger(_api(lane, tools, session), lane.seller.ref)


def _api(lane: LaneContext, tools: FortnoxTools, session: requests.Session) -> FortnoxApi:
    return FortnoxApi(
        VendorApi(
            session=session,
            base_url=tools.api_url + _API_PATH,
            lane_path=lane.integration.path,
            kind=KIND,
            app=app_of(lane),
            access_tokens=tools.access_tokens,
            pacer=tools.pacer,
            budgets_of=budgets_of,
            headers_of=lambda _access: {},
            retry_after_of=retry_after,
        )
    )

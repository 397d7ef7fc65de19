"""The part of the composition root that is about accounting vendors..

The libraries of calls take a while to load, so whatever needs them is imported when a vendor is first spoken to.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from adapters.accounting.app_of import app_of
from adapters.accounting.oauth_vendors import OAuthVendorsByKind
from application.accounting.access_tokens import AccessTokens
from application.accounting.call_pacer import CallPacer
from application.accounting.consent_desk import ConsentDesk
from application.accounting.remote_memory import RemoteMemory
from application.accounting.vendor_addresses import VendorAddresses
from application.ports.clock import Clock
from application.ports.destination import Destination, LaneContext
from application.ports.invoice_renderer import InvoiceRenderer
from application.ports.oauth import OAuthVendors
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitsOfWork
from application.use_cases.keep_connections_alive import KeepConnectionsAliveHandler
from domain.companies.integration import Integration
from domain.pricing.tax_rates import TaxRate
from entrypoints import resending
from entrypoints.container.customer_lanes import with_customers, write_to_fortnox, write_to_jortt
from entrypoints.container.vat_gates import behind_gate, vat_gate
from entrypoints.destinations import DestinationKind, takes_documents, takes_orders

if TYPE_CHECKING:
    import requests

    from adapters.accounting.fortnox.opening import FortnoxTools
    from adapters.accounting.jortt.opening import JorttTools
    from adapters.accounting.xero.opening import XeroTools


@dataclass(frozen=True, slots=True)
class AccountingParts:
    """What the kinds below are put together from. ``desk`` is for connecting and disconnecting."""

    units_of_work: UnitsOfWork
    clock: Clock
    addresses: VendorAddresses
    open_session: "Callable[[], AbstractContextManager[requests.Session]]"
    vendors: OAuthVendors
    access_tokens: AccessTokens
    pacer: CallPacer
    desk: ConsentDesk

    def memory(self) -> RemoteMemory:
        """A memory for one visit of a lane."""
        return RemoteMemory(self.units_of_work, self.clock)

    def tax_rates_of(self, country: str) -> Sequence[TaxRate]:
        """Our rates of a country, as declared."""
        with self.units_of_work() as uow:
            return uow.configurations.current().tax_rates.get(country, ())


def accounting_parts(
    units_of_work: UnitsOfWork,
    clock: Clock,
    telemetry: Telemetry,
    addresses: VendorAddresses,
    open_session: "Callable[[], AbstractContextManager[requests.Session]]",
) -> AccountingParts:
    """All parts, wired."""
    vendors = OAuthVendorsByKind(addresses, open_session, clock)
    return AccountingParts(
        units_of_work,
        clock,
        addresses,
        open_session,
        vendors,
        AccessTokens(units_of_work, vendors, clock, telemetry),
        CallPacer(units_of_work, clock, time.sleep),
        ConsentDesk(units_of_work, vendors, app_of),
    )


def keep_connections_alive(parts: AccountingParts, telemetry: Telemetry) -> KeepConnectionsAliveHandler:
    """The use case, wired."""
    return KeepConnectionsAliveHandler(parts.desk, parts.access_tokens, parts.units_of_work, parts.clock, telemetry)


def accounting_kinds(parts: AccountingParts, renderer: InvoiceRenderer) -> Mapping[str, DestinationKind]:
    """The kinds of destinations that are accounting vendors. A new one is one entry here."""
    gate = vat_gate(parts.units_of_work, parts.clock, parts.addresses.vies_url, parts.open_session)
    return {
        "xero": DestinationKind(takes_documents, resending.XERO, _xero(parts, renderer)),
        "fortnox": DestinationKind(
            _takes_invoices_or_orders, resending.FORTNOX, behind_gate(with_customers(_fortnox(parts), write_to_fortnox), gate)
        ),
        "jortt": DestinationKind(
            _takes_invoices_or_orders, resending.JORTT, behind_gate(with_customers(_jortt(parts), write_to_jortt), gate)
        ),
    }


def xero_tools(parts: AccountingParts, renderer: InvoiceRenderer) -> "XeroTools":
    """What all visits of xero lanes share."""
    from adapters.accounting.xero.charts import Charts  # noqa: PLC0415 - see the module's docstring
    from adapters.accounting.xero.opening import XeroTools  # noqa: PLC0415

    # Kept for the life of the process: so are the charts that were read.
    return XeroTools(
        parts.addresses.xero_api_url,
        parts.open_session,
        parts.access_tokens,
        parts.pacer,
        parts.memory,
        renderer,
        Charts(),
        parts.tax_rates_of,
    )


def _xero(parts: AccountingParts, renderer: InvoiceRenderer) -> Callable[[LaneContext], AbstractContextManager[Destination]]:
    tools = cache(partial(xero_tools, parts, renderer))

    def open_lane(lane: LaneContext) -> AbstractContextManager[Destination]:
        from adapters.accounting.xero.opening import open_xero  # noqa: PLC0415 - as above

        return open_xero(lane, tools())

    return open_lane


def _takes_invoices_or_orders(integration: Integration) -> frozenset[str]:
    """As the setting ``document`` says; invoices where it says nothing."""
    return takes_orders(integration) if integration.settings.get("document") in {"order", "estimate"} else takes_documents(integration)


def fortnox_tools(parts: AccountingParts) -> "FortnoxTools":
    """What all visits of fortnox lanes share."""
    from adapters.accounting.fortnox.opening import FortnoxTools  # noqa: PLC0415 - see the module's docstring
    from adapters.accounting.fortnox.registers import Registers  # noqa: PLC0415

    # Kept for the life of the process: so are the registers that were read.
    return FortnoxTools(parts.addresses.fortnox_api_url, parts.open_session, parts.access_tokens, parts.pacer, parts.memory, Registers())


def _fortnox(parts: AccountingParts) -> Callable[[LaneContext], AbstractContextManager[Destination]]:
    tools = cache(partial(fortnox_tools, parts))

    def open_lane(lane: LaneContext) -> AbstractContextManager[Destination]:
        from adapters.accounting.fortnox.opening import open_fortnox  # noqa: PLC0415 - as above

        return open_fortnox(lane, tools())

    return open_lane


def jortt_tools(parts: AccountingParts) -> "JorttTools":
    """What all visits of jortt lanes share."""
    from adapters.accounting.jortt.directories import Directories  # noqa: PLC0415 - see the module's docstring
    from adapters.accounting.jortt.opening import JorttTools  # noqa: PLC0415
    from adapters.accounting.jortt.vats import VatLists  # noqa: PLC0415

    # Kept for the life of the process: so is what was read of customers.
    return JorttTools(
        parts.addresses.jortt_api_url,
        parts.open_session,
        parts.access_tokens,
        parts.pacer,
        parts.memory,
        VatLists(),
        Directories(),
    )


def _jortt(parts: AccountingParts) -> Callable[[LaneContext], AbstractContextManager[Destination]]:
    tools = cache(partial(jortt_tools, parts))

    def open_lane(lane: LaneContext) -> AbstractContextManager[Destination]:
        from adapters.accounting.jortt.opening import open_jortt  # noqa: PLC0415 - as above

        return open_jortt(lane, tools())

    return open_lane

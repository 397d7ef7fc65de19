"""Order messages of the Kornit X order management system, and the choice of a translator (DESIGN 4.1).

Decisions where the message leaves room:

- A quantity of zero leaves the line out: nothing of it is sold any more. A negative number is refused everywhere: money goes back
  by a credit note only.
- A tax rate of 1 or more is refused, since it is a percentage and 20 must not be guessed to mean 0.2.
- A missing ``shipping_tax_rate`` is not derived from the two shipping prices: both are rounded, so 3.49 and 4.19 would give 20.06 %.
  The rate is then that of the tax code ``standard`` (DESIGN section 2). A shipping price given with tax only is refused.
- Where no billing address is given, the shipping address is the billing address.
- ``creation_datetime`` is when the order was created; ``sale_datetime`` stands in for it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache

import msgspec

from adapters.oms.json_body import BODY_SIZE_MAX, split_body
from adapters.oms.lines import read_lines
from adapters.oms.message import OrderMessage
from adapters.oms.parties import read_billing, read_shipping
from adapters.oms.values import STATUS_CODE_MAX, VERSION_MAX, Mistake, flag, moment, price, rate, reference, text, whole_number
from application.ports.order_translator import OrderTranslator
from application.ports.vat_register import VatRegister
from domain.companies.flow import flow_of
from domain.errors import Invalid
from domain.money import ZERO
from domain.orders.order import Order

# Decimals reach `values` as the digits that were sent.
_DECODER = msgspec.json.Decoder(OrderMessage, float_hook=str)
_PLACE = re.compile(r"(?P<text>.*) - at `\$\.?(?P<path>.*)`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class KornitOrderTranslator:
    """Reads the public order format. ``body_size_max`` in bytes."""

    vat_register: VatRegister
    source: str = "oms"
    body_size_max: int = BODY_SIZE_MAX

    def split(self, body: bytes) -> Sequence[bytes]:
        return split_body(body, self.body_size_max)

    def translate(self, body: bytes) -> Order:
        try:
            return self._order(_DECODER.decode(body))
        except Mistake as mistake:
            raise Invalid(mistake.field, mistake.text, mistake.next_step) from None
        except msgspec.ValidationError as error:
            raise _invalid(error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Invalid("", f"The message is not JSON: {error}.") from None

    def _order(self, message: OrderMessage) -> Order:
        shipping = read_shipping(message)
        code, name = _status(message.status, message.status_name)
        return Order(
            source=self.source,
            ref=_ref(message),
            company_ref=_company_ref(message),
            lines=read_lines(message.items or ()),
            external_ref=reference(message.external_ref, "external_ref"),
            version=whole_number(message.version, "version", VERSION_MAX),
            updated_at=moment(message.updated_at, "updated_at"),
            status=code,
            status_name=name,
            has_error=flag(message.has_error, "has_error"),
            error_message=text(message.error_message),
            is_free_of_charge=flag(message.is_free_of_charge, "is_free_of_charge"),
            created_at=moment(message.creation_datetime, "creation_datetime") or moment(message.sale_datetime, "sale_datetime"),
            dispatched_at=moment(message.dispatch_datetime, "dispatch_datetime"),
            payment_status=text(message.payment_status),
            currency=reference(message.currency_code, "currency_code").upper(),
            billing=read_billing(message, shipping.address, self.vat_register),
            shipping=shipping,
            shipping_method=text(message.shipping_method),
            shipping_price=_shipping_price(message),
            shipping_tax_rate=rate(message.shipping_tax_rate, "shipping_tax_rate"),
        )


@dataclass(frozen=True, slots=True)
class FlowTranslator:
    """Reads the orders that a flow brought, which are written in the public format; ``source`` is the flow's."""

    public: OrderTranslator
    source: str

    def split(self, body: bytes) -> Sequence[bytes]:
        return self.public.split(body)

    def translate(self, body: bytes) -> Order:
        return replace(self.public.translate(body), source=self.source)


@dataclass(frozen=True, slots=True)
class FlowTranslators:
    """The translators of flows' own intake: there the message type is the flow's source. No message from outside gets there."""

    public: OrderTranslator

    def for_type(self, message_type: str) -> OrderTranslator:
        return self.for_source(message_type)

    def for_source(self, source: str) -> OrderTranslator:
        return FlowTranslator(self.public, source)


@dataclass(frozen=True, slots=True)
class OmsTranslators:
    """The translators by AMQP ``type``. The empty type and ``order`` mean the default one."""

    default: OrderTranslator
    by_type: Mapping[str, OrderTranslator] = field(default_factory=dict)

    def for_type(self, message_type: str) -> OrderTranslator:
        if message_type in {"", "order"}:
            return self.default
        found = self.by_type.get(message_type)
        if found is None:
            raise Invalid("type", f"No translator reads messages of type {message_type[:64]!r}.", self._suggestion(message_type))
        return found

    def for_source(self, source: str) -> OrderTranslator:
        if flow_of(source):
            return FlowTranslator(self.default, source)
        for translator in (self.default, *self.by_type.values()):
            if translator.source == source:
                return translator
        raise Invalid("source", f"No translator reads orders of the source {source!r}.")

    def _suggestion(self, message_type: str) -> str:
        known = sorted({"order", *self.by_type})
        close = get_close_matches(message_type[:64], known, n=1)
        return f"Did you mean {close[0]!r}?" if close else f"Known types: {', '.join(known)}, or none."


def _ref(message: OrderMessage) -> str:
    ref = reference(message.ref, "ref") or reference(message.id, "id")
    if not ref:
        raise Mistake("ref", "is missing, and so is id")
    return ref


def _company_ref(message: OrderMessage) -> str:
    secondary = reference(message.secondary_company_ref_id, "secondary_company_ref_id")
    # An id of 0 is how a null looks after some languages turned it into a number.
    ref = secondary if secondary not in {"", "0"} else reference(message.company_ref_id, "company_ref_id")
    if ref in {"", "0"}:
        raise Mistake("company_ref_id", "is missing, and so is secondary_company_ref_id")
    return ref


# Orders repeat the same few statuses.
@lru_cache(maxsize=1024)
def _status(code: str | int | None, status_name: str | int | None) -> tuple[int | None, str]:
    """The code and the name; a status that is no number is a name (some statuses have no public code)."""
    name = reference(status_name, "status_name")
    status = reference(code, "status")
    if not status or (status.isascii() and status.isdigit()):
        return whole_number(status, "status", STATUS_CODE_MAX), name
    return None, name or status


def _shipping_price(message: OrderMessage) -> Decimal:
    net = price(message.shipping_price, "shipping_price")
    if net is None and price(message.shipping_price_inc_tax, "shipping_price_inc_tax"):
        raise Mistake("shipping_price", "is missing, though shipping_price_inc_tax is not", "Send the price of shipping ex tax.")
    return net or ZERO


def _invalid(error: msgspec.ValidationError) -> Invalid:
    found = _PLACE.fullmatch(str(error))
    return Invalid(found["path"], found["text"]) if found else Invalid("", str(error))

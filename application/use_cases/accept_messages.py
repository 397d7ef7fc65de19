"""Order messages in: each becomes a version, a recorded duplicate or stale version, or a quarantined message.

One transaction takes the whole batch, so that a batch is either all recorded or not at all, and may be delivered again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from application.configuration import Configuration
from application.judging import judge, standing
from application.order_owing import OrderOwing
from application.ports.clock import Clock
from application.ports.order_translator import MESSAGE_SIZE_MAX, OrderTranslator, OrderTranslators, over_the_limit
from application.ports.orders import ArrivalRecord, ConcurrentOrder, KnownOrder, OrderKey, OrderVersion
from application.ports.quarantine import IncomingMessage
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.quarantining import quarantined, settled_already
from domain.errors import DomainError, Invalid, TemporaryFailure
from domain.invoicing.decision import Decision
from domain.orders.fingerprint import billing_fingerprint
from domain.orders.order import Order
from domain.orders.versions import Arrival, VersionMark, judge_arrival
from domain.value import value

_TRIES_MAX = 5


@dataclass(frozen=True, slots=True)
class AcceptMessages:
    """The batch, oldest first. ``replay_of`` names the quarantine rows the messages come from, one for each."""

    messages: Sequence["IncomingMessage | ReadMessage"]
    replay_of: tuple[int, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedMessages:
    """What became of the orders in the batch; ``quarantined`` counts what could not be read."""

    accepted: int = 0
    duplicate: int = 0
    stale: int = 0
    quarantined: int = 0

    def __add__(self, other: "AcceptedMessages") -> "AcceptedMessages":
        """What became of both together."""
        return AcceptedMessages(
            self.accepted + other.accepted, self.duplicate + other.duplicate, self.stale + other.stale, self.quarantined + other.quarantined
        )


@value
class _Read:
    """An order that could be read, as a version of an order not seen before; decided on under the configuration last seen."""

    version: OrderVersion
    message_id: str


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """A message, or one element of it, that could not be read."""

    message: IncomingMessage
    error: DomainError


@value
class ReadMessage:
    """A message with the orders that are in it, read before its batch is accepted."""

    message: IncomingMessage
    items: Sequence[_Read | _Unreadable]


@dataclass(slots=True)
class _LastSeen:
    """The configuration that the last batch was decided under. Before the first it is the empty one, as in an empty store."""

    configuration: Configuration = field(default_factory=Configuration)


@dataclass(slots=True)
class _Sorted:
    """A batch sorted out against what is known."""

    newest: dict[OrderKey, _Read] = field(default_factory=dict)
    arrivals: list[ArrivalRecord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AcceptMessagesHandler:
    """Raises TemporaryFailure where the store cannot take the batch now; then nothing of it is recorded."""

    units_of_work: UnitsOfWork
    translators: OrderTranslators
    owing: OrderOwing
    clock: Clock
    telemetry: Telemetry
    _last_seen: _LastSeen = field(default_factory=_LastSeen, init=False)

    def __call__(self, command: AcceptMessages) -> AcceptedMessages:
        """Record the batch and decide on every order in it."""
        per_message = [self.read(message).items for message in command.messages]
        for _ in range(_TRIES_MAX):
            try:
                return self._record(command, per_message)
            except ConcurrentOrder:
                # Another intake stored one of these orders first: now it is known, so sort the batch again.
                continue
        raise TemporaryFailure("Several intakes keep meeting in the same new orders.")

    def read(self, message: IncomingMessage | ReadMessage) -> ReadMessage:
        """Do what needs no store, so that it can be done while the store is busy with the batch before.

        The order is decided on here, for the configuration seldom changes, and with all of an order's parts in the processor's cache
        that costs half of what it does after 500 others. Where another configuration is in force in the end, it is decided anew.
        """
        return message if isinstance(message, ReadMessage) else ReadMessage(message, self._items(message))

    def _items(self, message: IncomingMessage) -> Sequence[_Read | _Unreadable]:
        if message.size is not None and message.size > len(message.body):
            # It was cut on its way here, so what there is of it tells neither its size nor its orders.
            return [_Unreadable(message, over_the_limit(message.size, MESSAGE_SIZE_MAX))]
        try:
            translator = self.translators.for_type(message.type)
            bodies = translator.split(message.body)
        except Invalid as error:
            return [_Unreadable(message, error)]
        return [self._item(message, translator, body) for body in bodies]

    def _item(self, message: IncomingMessage, translator: OrderTranslator, body: bytes) -> _Read | _Unreadable:
        try:
            order = translator.translate(body)
        except Invalid as error:
            return _Unreadable(_element(message, body), error)
        return _Read(_version(order, body, self._last_seen.configuration), message.message_id)

    def _record(self, command: AcceptMessages, per_message: Sequence[Sequence[_Read | _Unreadable]]) -> AcceptedMessages:
        reads = [item for items in per_message for item in items if isinstance(item, _Read)]
        unreadable = [item for items in per_message for item in items if isinstance(item, _Unreadable)]
        now = self.clock.now()
        with self.units_of_work() as uow:
            known = uow.orders.lock_known(sorted({_key(read) for read in reads})) if reads else {}
            sorted_out = _sort_out(reads, known)
            if reads:
                configuration = uow.configurations.current()
                self._last_seen.configuration = configuration
                versions = [self._settled(read.version, known.get(key), configuration) for key, read in sorted_out.newest.items()]
                uow.orders.record(versions, sorted_out.arrivals, now)
                self._owe(uow, configuration, versions)
            if unreadable or command.replay_of:
                self._set_aside(uow, command, per_message)
            if not command.dry_run:
                uow.commit()
        return _count(sorted_out.arrivals, len(unreadable))

    def _settled(self, version: OrderVersion, known: KnownOrder | None, configuration: Configuration) -> OrderVersion:
        """The version with what the store knows of its order, decided on under the configuration in force."""
        if known is None and version.revision == configuration.revision:
            return version
        if known is not None and known.invoice_number:
            decision = standing(changed=known.invoiced_fingerprint != version.billing_fingerprint)
        elif version.revision == configuration.revision:
            decision = Decision(version.decision)
        else:
            decision = judge(self.translators.for_source(version.source).translate(version.body), configuration)
        return version.settled(known.order_id if known else None, decision, configuration.revision)

    def _owe(self, uow: UnitOfWork, configuration: Configuration, versions: Sequence[OrderVersion]) -> None:
        """Billable orders are owed to the integrations that take orders. Most companies have none: then it costs nothing."""
        wanted = {(version.source, version.ref): paths for version in versions if (paths := self.owing.owed_to(configuration, version))}
        if wanted:
            known = uow.orders.lock_known(sorted(wanted))
            self.owing.owe(uow, [(known[key].order_id, paths) for key, paths in wanted.items()], self.clock.now())

    def _set_aside(self, uow: UnitOfWork, command: AcceptMessages, per_message: Sequence[Sequence[_Read | _Unreadable]]) -> None:
        now = self.clock.now()
        for index, items in enumerate(per_message):
            bad = [item for item in items if isinstance(item, _Unreadable)]
            if command.replay_of:
                if not bad and not uow.quarantine.mark_replayed(command.replay_of[index], now):
                    raise settled_already(quarantined(uow, command.replay_of[index]))  # in the same moment
                continue
            for item in bad:
                path = item.error.path if isinstance(item.error, Invalid) else ""
                uow.quarantine.add(item.message, item.error.text, path, now)
                self.telemetry.problem("message_quarantined", message_id=item.message.message_id, reason=item.error.text)


def _key(read: _Read) -> OrderKey:
    return (read.version.source, read.version.ref)


def _element(message: IncomingMessage, body: bytes) -> IncomingMessage:
    """One order out of a message, to be set aside alone: the others of an array go their way."""
    return replace(message, body=body, size=None, sha256=None) if body != message.body else message


def _sort_out(reads: Sequence[_Read], known: Mapping[OrderKey, KnownOrder]) -> _Sorted:
    """Judge each arrival against the newest before it, in the batch or in the store."""
    marks: dict[OrderKey, VersionMark] = {key: order.mark for key, order in known.items()}
    result = _Sorted()
    for read in reads:
        key, mark = _key(read), read.version.mark
        before = marks.get(key)
        outcome = judge_arrival(before, mark)
        if outcome is Arrival.ACCEPTED:
            marks[key] = mark
            result.newest[key] = read
        differs = outcome is Arrival.DUPLICATE and before is not None and before.body_sha256 != mark.body_sha256
        detail = "same version, other content" if differs else ""
        result.arrivals.append(ArrivalRecord(*key, mark.version, mark.body_sha256, outcome, read.message_id, detail))
    return result


def _version(order: Order, body: bytes, configuration: Configuration) -> OrderVersion:
    return OrderVersion(
        order_id=None,
        source=order.source,
        ref=order.ref,
        mark=VersionMark(order.version, order.updated_at, sha256(body).hexdigest()),
        external_ref=order.external_ref,
        company_ref=order.company_ref,
        status=order.status_name or str(order.status if order.status is not None else ""),
        created_at=order.created_at,
        billing_fingerprint=billing_fingerprint(order),
        decision=judge(order, configuration),
        revision=configuration.revision,
        body=body,
    )


def _count(arrivals: Sequence[ArrivalRecord], quarantined: int) -> AcceptedMessages:
    outcomes = [arrival.outcome for arrival in arrivals]
    return AcceptedMessages(outcomes.count(Arrival.ACCEPTED), outcomes.count(Arrival.DUPLICATE), outcomes.count(Arrival.STALE), quarantined)

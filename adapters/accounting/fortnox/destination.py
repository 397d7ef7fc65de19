"""Fortnox as a destination (seed 003; facts: accounting-apis, B2).

A document is created, which is the step ``document``, and then sent where the settings say so. One that is tried again goes on behind
that step. Fortnox would take the same document twice, so what was handed over without an answer is always looked for first.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.accounting.answer import Answer
from adapters.accounting.fortnox.api import FortnoxApi, path_of
from adapters.accounting.fortnox.articles import Articles
from adapters.accounting.fortnox.checks import Checks
from adapters.accounting.fortnox.credits import Credits
from adapters.accounting.fortnox.customers import Customers
from adapters.accounting.fortnox.documents import DocumentWriter, Written
from adapters.accounting.fortnox.effects import Effects, HandingOver
from adapters.accounting.fortnox.errors import refused
from adapters.accounting.fortnox.look_ups import DOCUMENT, LookUps, delivered
from adapters.accounting.fortnox.overrides import Overrides, overrides_of
from adapters.accounting.fortnox.present import Present
from adapters.accounting.fortnox.preview import previewed
from adapters.accounting.fortnox.records import Record, is_true, reference_of
from adapters.accounting.fortnox.registers import YOUNG_S, Registers
from adapters.accounting.fortnox.remote_documents import differences, is_ours, number_in, read
from adapters.accounting.fortnox.sale import Sale, sale_of
from adapters.accounting.fortnox.sending import Sending
from adapters.accounting.fortnox.settings import FortnoxSettings
from application.ports.destination import CheckResult, Consignment, LaneContext
from domain.delivery.outcome import ConnectionLost, LookUp, Outcome, Refused, StepDone, Unknown
from domain.errors import DomainError

# These end a lane's visit; every other error is about one document.
_OF_THE_LANE = frozenset({"needs_reauth", "no_access", "scope_missing", "licence_missing", "address_refused"})

Yielded = Outcome | StepDone


@dataclass(frozen=True, slots=True)
class FortnoxDestination:
    """One lane's visit to one company."""

    api: FortnoxApi
    lane: LaneContext
    settings: FortnoxSettings
    registers: Registers
    customers: Customers
    articles: Articles
    present: Present
    effects: Effects
    sending: Sending
    credits: Credits
    look_ups: LookUps
    checks: Checks

    def deliver(self, batch: Sequence[Consignment], handing_over: HandingOver) -> Iterator[tuple[Consignment, Yielded]]:
        """One after the other; stops after a lost connection: the rest was not handed over."""
        self._prepare(batch)
        for consignment in batch:
            for outcome in self._deliver_one(consignment, handing_over):
                yield consignment, outcome
                if isinstance(outcome, ConnectionLost):
                    return

    def look_up(self, consignment: Consignment) -> LookUp:
        """Where it stands there."""
        return self.look_ups.look_up(consignment, sale_of(consignment, self.lane))

    def check(self) -> Sequence[CheckResult]:
        """Everything that a delivery needs, by reading only."""
        return self.checks.run()

    def preview(self, consignment: Consignment) -> str:
        """The bodies that would be sent, with the figures that Fortnox will come to. Nothing is created."""
        sale = sale_of(consignment, self.lane)
        overrides = overrides_of(sale, self.settings)
        customer = self.customers.known(sale)
        written = self._written(sale, customer or "(created first)", self.articles.expected(sale), overrides)
        return previewed(sale, self.settings, written, overrides, customer_known=bool(customer))

    def _prepare(self, batch: Sequence[Consignment]) -> None:
        """What can be asked for all at once: what is there already of what is to be created, and its articles."""
        sales = []
        for consignment in batch:
            if DOCUMENT not in consignment.steps:
                try:
                    sales.append(sale_of(consignment, self.lane))
                except DomainError:
                    continue  # told when its turn comes
        self.present.prepare(sales)
        self.articles.prepare(sales)

    def _deliver_one(self, consignment: Consignment, handing_over: HandingOver) -> Iterator[Yielded]:
        try:
            sale = sale_of(consignment, self.lane)
            number = consignment.steps.get(DOCUMENT)
            if number is None:
                yield from self._create(consignment, sale, handing_over)
            else:
                yield from self._go_on(consignment, sale, number, handing_over)
        except DomainError as error:
            if error.code in _OF_THE_LANE:
                raise
            yield refused(error)

    def _create(self, consignment: Consignment, sale: Sale, handing_over: HandingOver) -> Iterator[Yielded]:
        before = self.look_ups.kept(sale) or self.present.of(sale)
        if before is not None:
            yield from self._finish(consignment, sale, before, handing_over, "there already")
        elif sale.is_credit:
            yield from self._credit(consignment, sale, handing_over)
        else:
            yield from self._post(consignment, sale, handing_over)

    def _post(self, consignment: Consignment, sale: Sale, handing_over: HandingOver) -> Iterator[Yielded]:
        overrides = overrides_of(sale, self.settings)
        articles = self.articles.numbers_of(sale)
        customer = self.customers.number_of(sale, overrides)
        written = self._written(sale, customer, articles, overrides)
        answer = self.effects.do(consignment, handing_over, "POST", f"/{sale.resource.name}", {sale.resource.wrapper: written.body})
        if not isinstance(answer, Answer):
            self._forget(answer, sale)
            yield answer
            return
        record = _record_in(answer, sale)
        if not number_in(record):
            yield Unknown(f"Fortnox's answer cannot be read: {answer.shown()}")
            return
        self.look_ups.keep(sale, number_in(record))
        yield from self._finish(consignment, sale, record, handing_over, "created")

    def _credit(self, consignment: Consignment, sale: Sale, handing_over: HandingOver) -> Iterator[Yielded]:
        invoice = self.credits.require(sale)
        there = self.credits.credit_of(sale, invoice)
        if there is not None:
            yield from self._finish(consignment, sale, there, handing_over, "credited already")
        elif not self.credits.is_whole(sale, invoice):
            yield from self._post(consignment, sale, handing_over)
        else:
            number = yield from self._credit_whole(consignment, number_in(invoice), sale, handing_over)
            if number:
                yield from self._go_on(consignment, sale, number, handing_over)

    def _credit_whole(self, consignment: Consignment, invoice: str, sale: Sale, handing_over: HandingOver) -> Generator[Yielded, None, str]:
        """Have Fortnox make the credit; its number, empty where an outcome was yielded. It cannot be made twice."""
        answer = self.effects.do(consignment, handing_over, "PUT", path_of(sale.resource.name, invoice, "credit"))
        if not isinstance(answer, Answer):
            yield answer
            return ""
        number = reference_of(_record_in(answer, sale), "CreditInvoiceReference")
        yield StepDone(DOCUMENT, number) if number else Unknown(f"Fortnox's answer cannot be read: {answer.shown()}")
        return number

    def _go_on(self, consignment: Consignment, sale: Sale, number: str, handing_over: HandingOver) -> Iterator[Yielded]:
        record = read(self.api, sale.resource, number)
        if record is None or is_true(record, "Cancelled"):
            step = "Have it sent anew if it is still owed: billhook deliveries resend {delivery}"
            yield Refused("document_cancelled", f"{sale.key} was {number} in Fortnox, and is cancelled or gone there.", step)
            return
        yield from self._finish(consignment, sale, record, handing_over, "there already")

    def _finish(self, consignment: Consignment, sale: Sale, record: Record, handing_over: HandingOver, how: str) -> Iterator[Yielded]:
        """All that comes after a document is there. Its step is recorded only where something does: most documents are done at once."""
        number, told = number_in(record), differences(record, sale, self.settings.rounding_tolerance)
        is_claimed, is_to_send = is_ours(record, sale), self.sending.is_to_send(record)
        if (told or is_to_send or not is_claimed) and DOCUMENT not in consignment.steps:
            yield StepDone(DOCUMENT, number)
        if told:
            step = "Correct it in Fortnox"
            yield refused(
                DomainError("totals_differ_there", f"Fortnox has {sale.key} as {number} with other figures: {'; '.join(told)}.", step)
            )
            return
        outcome = None if is_claimed else self._claim(consignment, sale, number, handing_over)
        if outcome is None and is_to_send:
            outcome = self.sending.send(consignment, sale, record, handing_over)
        yield outcome or delivered(record, f"{how}, sent" if is_to_send else how)

    def _claim(self, consignment: Consignment, sale: Sale, number: str, handing_over: HandingOver) -> Outcome | None:
        """Give a credit that Fortnox made our references; None where it has them."""
        references = {"ExternalInvoiceReference1": sale.key, "ExternalInvoiceReference2": sale.identity}
        body = {sale.resource.wrapper: references}
        answer = self.effects.do(consignment, handing_over, "PUT", path_of(sale.resource.name, number), body)
        if not isinstance(answer, Answer):
            return answer
        self.look_ups.keep(sale, number)
        return None

    def _written(self, sale: Sale, customer: str, articles: Mapping[str, str], overrides: Overrides) -> Written:
        register = self.registers.of(self.api)
        try:
            return DocumentWriter(self.settings, register).write(sale, customer, articles, overrides)
        except DomainError:
            newer = self.registers.of(self.api, YOUNG_S)
            if newer is register:
                raise
            return DocumentWriter(self.settings, newer).write(sale, customer, articles, overrides)

    def _forget(self, outcome: Outcome, sale: Sale) -> None:
        if isinstance(outcome, Refused) and outcome.code == "customer_missing":
            self.customers.forget(sale)
        if isinstance(outcome, Refused) and outcome.code == "article_missing":
            self.articles.forget(sale)


def _record_in(answer: Answer, sale: Sale) -> dict[str, Any]:
    document = answer.json()
    found = document.get(sale.resource.wrapper) if isinstance(document, Mapping) else None
    return found if isinstance(found, dict) else {}

"""Invoices, credit notes and purchase orders: reading, creating, changing."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.xero import stock
from tests.fakes.xero.amounts import rounded
from tests.fakes.xero.batches import Batch, Invalid
from tests.fakes.xero.document_kind import DocumentKind
from tests.fakes.xero.drafting import drafted, settled
from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Answer, Body, not_found

# What may still be changed on an approved document.
_AFTER_APPROVAL = frozenset({"Type", "Status", "SentToContact", "Url", "Reference", "DueDate", "Contact"})


@dataclass(frozen=True, slots=True)
class Documents:
    """The handlers of one kind."""

    kind: DocumentKind

    def listed(self, task: Task, found: list[Body]) -> Answer:
        """A list in its envelope: documents have their lines only on pages."""
        page, told = task.page(task.modified(found))
        bare = "page" not in task.call.query or task.flag("summaryOnly")
        return task.answer(self.kind.plural, [self._seen(task, document, bare=bare) for document in page], **told)

    def read(self, task: Task) -> Answer:
        """One document by its id, with its lines."""
        return task.answer(self.kind.plural, [self._seen(task, self._of_path(task))])

    def read_by_number(self, task: Task) -> Answer:
        """One document by its number."""
        number = task.parameters[self.kind.number_name].casefold()
        found = [document for document in self._found(task) if document[self.kind.number_name].casefold() == number]
        return task.answer(self.kind.plural, [self._seen(task, document) for document in found] or not_found())

    def create(self, task: Task) -> Answer:
        """PUT: new documents only."""
        return self._batch.write(task, lambda sent: self._create(task, sent))

    def create_or_update(self, task: Task) -> Answer:
        """POST: what is known by its id, or by its unique number, is changed."""
        return self._batch.write(task, self._by_what_is_known(task))

    def update(self, task: Task) -> Answer:
        """POST to one document."""
        known = self._of_path(task)
        return self._batch.write_one(task, lambda sent: self._update(task, sent, known))

    @property
    def _batch(self) -> Batch:
        return Batch(self.kind.plural, self.kind.id_name, self.kind.errors_name)

    def _by_what_is_known(self, task: Task) -> Callable[[Body], Body]:
        def save(sent: Body) -> Body:
            known = self._known(task, sent)
            return self._create(task, sent) if known is None else self._update(task, sent, known)

        return save

    def _known(self, task: Task, sent: Body) -> Body | None:
        table = task.organisation.tables[self.kind.plural]
        if sent.get(self.kind.id_name):
            known = table.get(str(sent[self.kind.id_name]).lower())
            if known is None:
                raise Invalid([f"{self.kind.title} could not be found."])
            return known
        is_unique = sent.get("Type") != "ACCPAY"
        return table.owner_of(str(sent.get(self.kind.number_name) or "")) if is_unique else None

    def _create(self, task: Task, sent: Body) -> Body:
        table, number_name = task.organisation.tables[self.kind.plural], self.kind.number_name
        is_unique = sent.get("Type") != "ACCPAY"
        if is_unique and sent.get(number_name) and table.owner_of(str(sent[number_name])):
            raise Invalid([f"{self.kind.title} # must be unique."])
        numbered = {**sent, number_name: sent.get(number_name) or (self._next_number(task) if is_unique else "")}
        # Ids are given by Xero; a client cannot choose one.
        numbered.pop(self.kind.id_name, None)
        return self._save(task, drafted(task, self.kind, numbered, None), None)

    def _update(self, task: Task, sent: Body, known: Body) -> Body:
        if known["Status"] not in self.kind.next_statuses:
            raise Invalid([f"{self.kind.title} not of valid status for modification"])
        if known.get("AmountCredited") or known.get("AmountPaid"):
            raise Invalid(["This document cannot be edited as it has a payment or credit note allocated to it."])
        if known["Status"] == "AUTHORISED" and not self._may_change(sent, known):
            raise Invalid([f"{self.kind.title} not of valid status for modification"])
        number = sent.get(self.kind.number_name) or known[self.kind.number_name]
        owner = task.organisation.tables[self.kind.plural].owner_of(number)
        if owner is not None and owner[self.kind.id_name] != known[self.kind.id_name]:
            raise Invalid([f"{self.kind.title} # must be unique."])
        return self._save(task, drafted(task, self.kind, sent, known), known)

    def _may_change(self, sent: Body, known: Body) -> bool:
        own = {self.kind.id_name, self.kind.number_name}
        same_number = sent.get(self.kind.number_name, known[self.kind.number_name]) == known[self.kind.number_name]
        same_contact = (sent.get("Contact") or known["Contact"]).get("ContactID") == known["Contact"]["ContactID"]
        return set(sent) <= _AFTER_APPROVAL | own and same_number and same_contact

    def _save(self, task: Task, document: Body, known: Body | None) -> Body:
        before, after = (known or {}).get("Status", ""), document["Status"]
        if self.kind.in_ledger:
            document = settled(document)
            if after == "AUTHORISED" and before != "AUTHORISED":
                stock.move(task.organisation, document, backorders=task.flag("allowBackorders"))
            if after == "VOIDED":
                stock.move(task.organisation, document, reverse=True)
        if document["Type"] == "ACCPAY":
            document.pop("Reference", None)
        task.organisation.tables[self.kind.plural].save(document)
        return self._without_notes(document)

    def _next_number(self, task: Task) -> str:
        table = task.organisation.tables[self.kind.plural]
        place = len(table.rows()) + 1
        while table.owner_of(f"{self.kind.prefix}{place:04}"):
            place += 1
        return f"{self.kind.prefix}{place:04}"

    def _of_path(self, task: Task) -> Body:
        return task.organisation.tables[self.kind.plural].get(task.parameters[self.kind.id_name].lower()) or not_found()

    def _found(self, task: Task) -> list[Body]:
        return task.organisation.tables[self.kind.plural].found()

    def _seen(self, task: Task, document: Body, *, bare: bool = False) -> Body:
        exact = task.call.query.get("unitdp") == "4" or not self.kind.in_ledger
        lines = [line if exact else {**line, "UnitAmount": rounded(line["UnitAmount"])} for line in document["LineItems"]]
        return self._without_notes({**document, "LineItems": [] if bare else lines})

    def _without_notes(self, document: Body) -> Body:
        """Purchase orders have no type in the API, and credit notes no ``AmountCredited``: they are ours."""
        ours = {"Invoices": set(), "CreditNotes": {"AmountCredited"}, "PurchaseOrders": {"Type"}}[self.kind.plural]
        return {name: value for name, value in document.items() if name not in ours}

"""Writing several records in one call, and what is answered where some are refused."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.fakes.xero.task import Task
from tests.fakes.xero.wire import Answer, Body, refuse, shown

_NO_ID = str(uuid.UUID(int=0))


class Invalid(Exception):
    """One record breaks rules. ``element`` is shown instead of what was sent, where the messages stand inside it."""

    def __init__(self, messages: Iterable[str], element: Body | None = None) -> None:
        self.messages = list(messages)
        self.element = element
        super().__init__("; ".join(self.messages))


@dataclass(frozen=True, slots=True)
class Batch:
    """How records of one kind are written. ``errors_name`` is the flag of a refused record; purchase orders and items have none."""

    plural: str
    id_name: str
    errors_name: str | None = None

    def write(self, task: Task, save: Callable[[Body], Body]) -> Answer:
        """Save each element of the call; ``save`` gives the record, or raises Invalid.

        Refused ones are told one by one with 200 where ``summarizeErrors=false`` asks for that. Else they are told with 400, and
        then nothing of the call is saved (whether the real API keeps the good ones is not known).
        """
        summarized = task.call.query.get("summarizeErrors", "true").casefold() != "false"
        before = task.organisation.snapshot()
        outcomes = [self._outcome(task, element, save) for element in self._elements(task)]
        refused = [element for element, is_good in outcomes if not is_good]
        if refused and summarized:
            task.organisation.restore(before)
            refuse(400, validation_exception(refused))
        if summarized:
            return task.answer(self.plural, [record for record, _ in outcomes])
        return task.answer(self.plural, [self._flagged(record, is_good=is_good) for record, is_good in outcomes])

    def write_one(self, task: Task, save: Callable[[Body], Body]) -> Answer:
        """As ``write``, for the one record that the path names."""
        elements = self._elements(task)
        if len(elements) != 1 or elements[0].get(self.id_name, task.parameters[self.id_name]) != task.parameters[self.id_name]:
            refuse(400, validation_exception([{"ValidationErrors": [{"Message": "The id in the address and in the body differ."}]}]))
        return self.write(task, lambda element: save({**element, self.id_name: task.parameters[self.id_name]}))

    def _elements(self, task: Task) -> list[Body]:
        sent: Any = task.call.json()
        elements = sent.get(self.plural) if isinstance(sent, dict) else None
        if not isinstance(elements, list) or not elements or not all(isinstance(element, dict) for element in elements):
            refuse(400, {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": f"No {self.plural} in the body"})
        return elements

    def _outcome(self, task: Task, element: Body, save: Callable[[Body], Body]) -> tuple[Body, bool]:
        before = task.organisation.snapshot()
        try:
            return save(element), True
        except Invalid as invalid:
            task.organisation.restore(before)
            echo = {self.id_name: _NO_ID, **(invalid.element or element)}
            return {**echo, "ValidationErrors": messages(invalid.messages)}, False

    def _flagged(self, record: Body, *, is_good: bool) -> Body:
        flags: Body = {"StatusAttributeString": "OK" if is_good else "ERROR"}
        if self.errors_name is not None:
            flags[self.errors_name] = not is_good
        return {**record, **flags}


def messages(texts: Iterable[str]) -> list[Body]:
    """Messages as the API lists them."""
    return [{"Message": text} for text in texts]


def validation_exception(elements: list[Body]) -> Body:
    """The body of a 400."""
    told = [{"Warnings": [], **element} for element in elements]
    return {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred", "Elements": shown(told)}

"""What a mapping with mistakes may have meant, so that the rest of it can be judged as well and no mistake hides another."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice, product
from typing import Any, Generic, Literal, get_args, get_origin

from pydantic import create_model

from entrypoints.configuration.strict import Model, Problem, read_model
from entrypoints.suggestions import closest

_MEANINGS_MAX = 16


@dataclass(frozen=True, slots=True)
class Readings(Generic[Model]):
    """The ``problems``, and each model that may have been meant: one where nothing is wrong.

    ``unread`` are the keys that have no certain value. In ``meanings`` a choice among them has each of its values in turn; the
    others have their defaults, or an empty text.
    """

    meanings: tuple[Model, ...]
    problems: tuple[Problem, ...]
    unread: frozenset[str]

    def judge(self, check: Callable[[Model], Iterable[tuple[tuple[str, ...], str]]]) -> Iterator[tuple[tuple[str, ...], str]]:
        """The mistakes that ``check`` finds whatever was meant, and that are not about a key without a certain value."""
        found = [list(check(meaning)) for meaning in self.meanings]
        for where, text in found[0] if found else ():
            is_certain = where[0] not in self.unread if where else not self.unread
            if is_certain and all((where, text) in other for other in found[1:]):
                yield where, text


def read_all(model: type[Model], given: object) -> Readings[Model]:
    """Read a mapping as far as it can be read."""
    right, problems = read_model(model, given)
    if right is not None:
        return Readings((right,), (), frozenset())
    if not isinstance(given, Mapping) or not all(path for path, _ in problems):
        return Readings((), tuple(problems), frozenset(model.model_fields))
    unread = frozenset(_unread(model, given, problems))
    return Readings(tuple(_meanings(model, given, unread)), tuple(problems), unread)


def _unread(model: type[Model], given: Mapping[Any, Any], problems: Iterable[Problem]) -> Iterator[str]:
    for path, _ in problems:
        key = str(path[0])
        if key in model.model_fields:
            yield key
        elif (meant := closest(key, model.model_fields)) and given.get(meant) is None:
            yield meant


def _meanings(model: type[Model], given: Mapping[Any, Any], unread: frozenset[str]) -> Iterator[Model]:
    fields = model.model_fields
    choices = {key: values for key in sorted(unread) if (values := _values(fields[key].annotation))}
    texts: dict[str, Any] = {key: (Any, "") for key in unread - choices.keys() if fields[key].is_required()}
    lenient = create_model(model.__name__, __base__=model, **texts)
    read = {key: value for key, value in given.items() if key in fields and key not in unread}
    for combination in islice(product(*choices.values()), _MEANINGS_MAX):
        meant, _ = read_model(lenient, {**read, **dict(zip(choices, combination, strict=True))})
        if meant is not None:
            yield meant


def _values(annotation: object) -> tuple[Any, ...]:
    """The values of a choice; none where the annotation is no choice."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if annotation is bool:
        return (False, True)
    return tuple(annotation) if isinstance(annotation, type) and issubclass(annotation, Enum) else ()

"""The base of all models of the file, and how their errors become sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from entrypoints.configuration.document import Path
from entrypoints.suggestions import did_you_mean

Model = TypeVar("Model", bound="Strict")
Problem = tuple[Path, str]


class Strict(BaseModel):
    """Refuses unknown keys; an empty value (``key:``) counts as not given; numbers are welcome where text is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, str_strip_whitespace=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {key: value for key, value in given.items() if value is not None or key not in cls.model_fields}


def read_model(model: type[Model], given: object) -> tuple[Model | None, list[Problem]]:
    """The model, or None and what is wrong with it, each with its path inside."""
    try:
        return model.model_validate(given), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=True)
        return None, [_problem(model, details) for details in found if not _is_empty_of_mistakes(details, found)]


_SENTENCES = {
    "missing": "This is required.",
    "model_type": "Here a mapping is expected, with keys and values.",
    "dict_type": "Here a mapping is expected, with keys and values.",
    "list_type": "Here a list is expected.",
    "tuple_type": "Here a list is expected.",
    "too_short": "Here at least 1 entry is expected.",
    "string_type": "Here a text is expected.",
    "bool_type": "Here true or false is expected.",
    "bool_parsing": "Here true or false is expected.",
}


def _is_empty_of_mistakes(details: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because what stands in it is wrong, and told as such."""
    at = details["loc"]
    return details["type"] == "too_short" and any(other["loc"][: len(at)] == at and len(other["loc"]) > len(at) for other in found)


def _problem(model: type[BaseModel], details: ErrorDetails) -> Problem:
    path = details["loc"]
    if details["type"] == "extra_forbidden":
        known = list(_keys_at(model, path[:-1]))
        return path, f"There is no such key. {did_you_mean(str(path[-1]), known) or 'Known here: ' + ', '.join(known) + '.'}"
    if details["type"] in {"enum", "literal_error"}:
        return path, _choice(details)
    message = _SENTENCES.get(details["type"]) or details["msg"].removeprefix("Value error, ").replace("Input should", "This should")
    return path, message if message.endswith((".", "?")) else f"{message}."


def _choice(details: ErrorDetails) -> str:
    expected = str(details.get("ctx", {}).get("expected", ""))
    known = [word for word in expected.split("'") if word.strip(" ,") not in {"", "or"}]
    given = details["input"]
    return f"{given!r} is not one of: {', '.join(known)}. {did_you_mean(str(given), known)}".rstrip()


def _keys_at(model: type[BaseModel], path: Path) -> Iterator[str]:
    """The keys that are known at a place inside a model."""
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    yield from model.model_fields


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation such as ``list[Model] | None`` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)

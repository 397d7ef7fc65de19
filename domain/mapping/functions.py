"""The functions a field map may use: this table and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.mapping import arguments, date_functions, list_functions, number_functions, text_functions
from domain.mapping.errors import MappingFailed, refuse, refuse_name
from domain.mapping.limits import FUNCTIONS_MAX
from domain.mapping.values import Scalar, bounded_text, is_empty

Value = Scalar | list[Scalar] | None


@dataclass(frozen=True, slots=True)
class Function:
    """``read`` checks the declared argument, ``run`` takes a value and that argument; ``takes_list``: all values at once."""

    run: Callable[[Any, Any], Scalar | None]
    read: Callable[[object, str], Any] = arguments.no_argument
    takes_list: bool = False


FUNCTIONS: Mapping[str, Function] = {
    "upper": Function(text_functions.upper),
    "lower": Function(text_functions.lower),
    "trim": Function(text_functions.trim),
    "cut": Function(text_functions.cut, text_functions.read_length),
    "replace": Function(text_functions.replace, text_functions.read_replacement),
    "prefix": Function(text_functions.prefix, arguments.a_text),
    "suffix": Function(text_functions.suffix, arguments.a_text),
    "pad_left": Function(text_functions.pad_left, text_functions.read_padding),
    "pad_right": Function(text_functions.pad_right, text_functions.read_padding),
    "text": Function(text_functions.spell),
    "round": Function(number_functions.round_to, number_functions.read_decimals),
    "whole": Function(number_functions.whole),
    "multiply": Function(number_functions.multiply, arguments.a_number),
    "add": Function(number_functions.add, arguments.a_number),
    "negate": Function(number_functions.negate),
    "number_format": Function(number_functions.number_format, number_functions.read_number_format),
    "date_format": Function(date_functions.date_format, date_functions.read_form),
    "parse_date": Function(date_functions.parse_date, date_functions.read_form_to_parse),
    "add_days": Function(date_functions.add_days, date_functions.read_days),
    "join": Function(list_functions.join, arguments.a_text, takes_list=True),
    "first": Function(list_functions.first, takes_list=True),
    "sum": Function(list_functions.total, takes_list=True),
    "count": Function(list_functions.count, takes_list=True),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One function of a pipeline, with its argument."""

    name: str
    argument: Any

    def __call__(self, value: Value) -> Value:
        """Run it. Of a list every element, unless the function takes lists; an empty value stays as it is. Raises MappingFailed."""
        function = FUNCTIONS[self.name]
        if function.takes_list:
            values = value if isinstance(value, list) else [] if value is None else [value]
            return self._run(function, [one for one in values if not is_empty(one)])
        if isinstance(value, list):
            results = (self._run(function, one) for one in value if not is_empty(one))
            return [one for one in results if one is not None]
        return value if is_empty(value) else self._run(function, value)

    def _run(self, function: Function, value: Any) -> Scalar | None:
        try:
            result = function.run(value, self.argument)
        except MappingFailed as failure:
            raise MappingFailed(failure.path, f"{self.name}: {failure.reason}") from None
        return bounded_text(result) if isinstance(result, str) else result


def read_steps(value: object, place: str) -> tuple[Step, ...]:
    """A declared pipeline: names, or names with an argument. Raises FieldMapRefused."""
    declared = value if isinstance(value, list | tuple) else [value]
    if len(declared) > FUNCTIONS_MAX:
        raise refuse(place, f"At most {FUNCTIONS_MAX} functions may follow each other.")
    return tuple(_read_step(one, f"{place}[{index}]") for index, one in enumerate(declared))


def _read_step(value: object, place: str) -> Step:
    name, argument = value, None
    if isinstance(value, Mapping):
        if len(value) != 1:
            raise refuse(place, "Here one function is expected, such as upper or cut: 30.")
        name, argument = next(iter(value.items()))
    if not isinstance(name, str) or name not in FUNCTIONS:
        raise refuse_name(place, name, FUNCTIONS)
    return Step(name, FUNCTIONS[name].read(argument, f"{place}.{name}"))

"""How do values become JSON and come back, exactly?

A dataclass becomes an object of its fields, in order; notes, chord spans and control events, of which
there are many, become arrays of their fields. Reading checks every type and refuses what does not fit
with DecodeError: a message or file from a stranger never becomes a half-right value.

>>> from engine.music import Note
>>> from_json(Note, to_json(Note(1, 0, 480, 60))) == Note(1, 0, 480, 60)
True
"""

import types
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.music.errors import MusicError
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.timemap import WRITTEN_IF_SET
from engine.music.track import ControlEvent

T = TypeVar("T")
_AS_ARRAY: tuple[type, ...] = (Note, ChordSpan, ControlEvent)
Spill = Callable[[tuple[Any, ...]], Any]
"""Asked for every tuple on the way out: what to write in its place, or None to write it as it is."""


class DecodeError(MusicError):
    """A message or stored value does not have the form it should have."""


class _FieldPlan(NamedTuple):
    name: str
    type: Any
    required: bool
    is_spare: bool
    default: Any


class Ready(NamedTuple):
    """Values of a tuple field that were read before; `from_json` takes them where their class is expected."""

    cls: type
    values: tuple[Any, ...]


class _RowPlan(NamedTuple):
    """How a class written as an array is read and written quickly: its JSON types, the parts to convert."""

    read: Callable[[Any], tuple[Any, ...]]
    json_types: tuple[type, ...]
    enums: tuple[tuple[int, dict[Any, Any]], ...]
    values: tuple[tuple[int, type], ...]


@cache
def _plan(cls: type) -> tuple[_FieldPlan, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _FieldPlan(
            item.name, hints[item.name], _is_required(item), WRITTEN_IF_SET in item.metadata, item.default
        )
        for item in fields(cls)
        if item.init
    )


def _is_required(item: "Field[Any]") -> bool:
    return item.default is MISSING and item.default_factory is MISSING


@cache
def _row_plan(cls: type) -> _RowPlan:
    plan = _plan(cls)
    enums: list[tuple[int, dict[Any, Any]]] = []
    values: list[tuple[int, type]] = []
    json_types: list[type] = []
    for index, item in enumerate(plan):
        json_type: type = item.type
        if issubclass(item.type, Enum):
            enums.append((index, {member.value: member for member in item.type}))
            json_type = str
        elif is_dataclass(item.type):
            values.append((index, json_type))
            json_type = dict
        json_types.append(json_type)
    return _RowPlan(attrgetter(*(item.name for item in plan)), tuple(json_types), tuple(enums), tuple(values))


def to_json(value: Any, spill: Spill | None = None) -> Any:
    """Plain lists, dicts, strings and numbers for a value; `spill` may write long tuples elsewhere."""
    if value is None or type(value) in (int, float, str, bool):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        elsewhere = spill(tuple(value)) if spill is not None else None
        return [to_json(item, spill) for item in value] if elsewhere is None else elsewhere
    if isinstance(value, dict):
        return {str(name): to_json(item, spill) for name, item in value.items()}
    if isinstance(value, _AS_ARRAY):
        return _row(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: to_json(held, spill)
            for item, held in ((item, getattr(value, item.name)) for item in _plan(type(value)))
            if not (item.is_spare and held == item.default)
        }
    raise DecodeError(f"A {type(value).__name__} has no JSON form here.")


def _row(value: Any) -> list[Any]:
    cls: type = type(value)
    plan = _row_plan(cls)
    row = list(plan.read(value))
    for index, _ in plan.enums:
        row[index] = row[index]._value_  # `value` is a call in Python; a song has 20,000 of them
    for index, _ in plan.values:
        row[index] = to_json(row[index])
    return row


def from_json(cls: type[T], data: Any) -> T:
    """The value of type `cls` that `data` describes. Raises DecodeError."""
    result: T = _decode(cls, data)
    return result


def _decode(expected: Any, data: Any) -> Any:
    if expected is Any:
        return data
    if isinstance(expected, type):
        return _decode_class(expected, data)
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in (Union, types.UnionType):
        return _decode_union(arguments, data)
    if origin is tuple:
        return _decode_tuple(arguments, data)
    if origin is dict:
        _require(isinstance(data, dict), expected, data)
        return {name: _decode(arguments[1], item) for name, item in data.items()}
    raise DecodeError(f"{expected} cannot be read.")


def _decode_class(expected: type, data: Any) -> Any:
    if is_dataclass(expected):
        return _decode_dataclass(expected, data)
    if issubclass(expected, Enum):
        try:
            return expected(data)
        except ValueError:
            raise DecodeError(f"{data!r:.60} is not one of the known {expected.__name__} values.") from None
    if expected is float:
        _require(type(data) in (int, float), expected, data)
        return float(data)
    _require(type(data) is expected, expected, data)
    return data


def _decode_dataclass(expected: type, data: Any) -> Any:
    plan = _plan(expected)
    if issubclass(expected, _AS_ARRAY) and isinstance(data, list):
        if len(data) > len(plan):
            raise DecodeError(f"A {expected.__name__} has more parts than this version knows.")
        arguments = {item.name: _decode(item.type, part) for item, part in zip(plan, data, strict=False)}
    else:
        _require(isinstance(data, dict), expected, data)
        arguments = {item.name: _decode(item.type, data[item.name]) for item in plan if item.name in data}
    missing = [item.name for item in plan if item.required and item.name not in arguments]
    if missing:
        raise DecodeError(f"A {expected.__name__} without {', '.join(missing)} cannot be read.")
    return expected(**arguments)


def _decode_row(expected: type, data: Any) -> Any:
    """The quick way for a complete row of exactly the right types, the careful way for every other."""
    plan = _row_plan(expected)
    if type(data) is not list or tuple(map(type, data)) != plan.json_types:
        return _decode_dataclass(expected, data)
    row = list(data)
    for index, members in plan.enums:
        if row[index] not in members:
            return _decode_dataclass(expected, data)
        row[index] = members[row[index]]
    for index, cls in plan.values:
        row[index] = _decode(cls, row[index])
    return expected(*row)


def _decode_union(arguments: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in arguments:
        return None
    options = [option for option in arguments if option is not type(None)]
    if len(options) == 1:
        return _decode(options[0], data)
    raise DecodeError("A value of several possible types cannot be read.")


def _decode_tuple(arguments: tuple[Any, ...], data: Any) -> Any:
    if isinstance(data, Ready):
        _require(arguments == (data.cls, Ellipsis), tuple, data.cls)
        return data.values
    _require(isinstance(data, list | tuple), tuple, data)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        if arguments[0] in _AS_ARRAY:
            return tuple(_decode_row(arguments[0], row) for row in data)
        return tuple(_decode(arguments[0], item) for item in data)
    if len(arguments) != len(data):
        raise DecodeError(f"{len(arguments)} parts were expected, {len(data)} came.")
    return tuple(_decode(kind, item) for kind, item in zip(arguments, data, strict=True))


def _require(fits: bool, expected: Any, data: Any) -> None:
    if not fits:
        raise DecodeError(f"{getattr(expected, '__name__', expected)} was expected, got {data!r:.60}.")

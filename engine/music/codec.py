"""How do values become JSON and come back, exactly?

A dataclass becomes an object of its fields, in order; notes, chord spans and control events, of which
there are many, become arrays of their fields. Reading checks every type and refuses what does not fit
with DecodeError: a message or file from a stranger never becomes a half-right value.

>>> from engine.music import Note
>>> from_json(Note, to_json(Note(1, 0, 480, 60))) == Note(1, 0, 480, 60)
True
"""

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.music.errors import MusicError
from engine.music.note import Note
from engine.music.progression import ChordSpan
from engine.music.track import ControlEvent

T = TypeVar("T")
_AS_ARRAY: tuple[type, ...] = (Note, ChordSpan, ControlEvent)


class DecodeError(MusicError):
    """A message or stored value does not have the form it should have."""


class _FieldPlan(NamedTuple):
    name: str
    type: Any
    required: bool


@cache
def _plan(cls: type) -> tuple[_FieldPlan, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _FieldPlan(item.name, hints[item.name], _is_required(item)) for item in fields(cls) if item.init
    )


def _is_required(item: "Field[Any]") -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def to_json(value: Any) -> Any:
    """Plain lists, dicts, strings and numbers for a value."""
    if value is None or type(value) in (int, float, str, bool):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(name): to_json(item) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        plan = _plan(type(value))
        if isinstance(value, _AS_ARRAY):
            return [to_json(getattr(value, item.name)) for item in plan]
        return {item.name: to_json(getattr(value, item.name)) for item in plan}
    raise DecodeError(f"A {type(value).__name__} has no JSON form here.")


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


def _decode_union(arguments: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in arguments:
        return None
    options = [option for option in arguments if option is not type(None)]
    if len(options) == 1:
        return _decode(options[0], data)
    raise DecodeError("A value of several possible types cannot be read.")


def _decode_tuple(arguments: tuple[Any, ...], data: Any) -> Any:
    _require(isinstance(data, list | tuple), tuple, data)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decode(arguments[0], item) for item in data)
    if len(arguments) != len(data):
        raise DecodeError(f"{len(arguments)} parts were expected, {len(data)} came.")
    return tuple(_decode(kind, item) for kind, item in zip(arguments, data, strict=True))


def _require(fits: bool, expected: Any, data: Any) -> None:
    if not fits:
        raise DecodeError(f"{getattr(expected, '__name__', expected)} was expected, got {data!r:.60}.")

"""Protocol buffers' messages: what TensorBoard and TensorFlow read and write, encoded and decoded by a table of their fields.

The format is told in "Encoding" of protobuf.dev. A message's class has its fields by name; programs use it as they use the
classes that Google's compiler makes: `Summary(value=[...])`, `summary.value.add(tag="loss", simple_value=1.0)`,
`Summary.FromString(data)`.
"""

from __future__ import annotations

import operator
import struct
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NamedTuple, Self

_NUMBERS = {"double": 1, "float": 5, "int": 0, "bool": 0}
"""The wire types of numbers; that of all else is 2."""
_PACKED = {"double": "<d", "float": "<f"}
_DEFAULTS: dict[Any, Any] = {"double": 0.0, "float": 0.0, "int": 0, "bool": False, "string": "", "bytes": b""}


class DecodeError(ValueError):
    """Bytes that are no message."""


class Field(NamedTuple):
    """A field of a message.

    Attributes:
      number: by which it goes over the wire.
      kind: "double", "float", "int" (of up to 64 bits), "bool", "string", "bytes", or a class of messages.
      repeated: whether it is a list. Lists of numbers are packed.
    """

    number: int
    kind: Any
    repeated: bool = False


class Repeated(list[Any]):
    """The list that a repeated field is."""

    def __init__(self, owner: str, field: Field, values: Iterable[Any] = ()):
        super().__init__(_checked(v, field.kind, owner) for v in values)
        self._owner, self._field = owner, field

    def add(self, **values: Any) -> Any:
        """Appends a message made of these fields, and returns it.

        Raises:
          ValueError: for a field that it does not have.
        """
        self.append(self._field.kind(**values))
        return self[-1]

    def append(self, value: Any) -> None:
        """Appends a value.

        Raises:
          TypeError: for a value of another kind than the field's.
        """
        super().append(_checked(value, self._field.kind, self._owner))

    def extend(self, values: Iterable[Any]) -> None:
        """Appends values, as `append` does."""
        for value in values:
            self.append(value)


class Message:
    """Base of all messages.

    Fields that were not set have their kind's zero; a message in a field counts as set once something in it is set.

    Class attributes:
      fields: by name, in the order of their numbers.
      choices: names of fields of which at most one is set, by the name of the choice.
    """

    fields: ClassVar[dict[str, Field]] = {}
    choices: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, **values: Any):
        self.__dict__["_set"] = {}
        for name, value in values.items():
            if name not in self.fields:
                raise ValueError(f"{type(self).__qualname__} has no field {name!r}; it has {', '.join(self.fields)}")
            if value is not None:
                setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        field = type(self).fields.get(name)
        if field is None:
            raise AttributeError(f"{type(self).__qualname__} has no field {name!r}")
        if name in self._set:
            return self._set[name]
        if not field.repeated and not isinstance(field.kind, type):
            return _DEFAULTS[field.kind]
        made = Repeated(self._path(name), field) if field.repeated else field.kind()
        self._set[name] = made
        return made

    def __setattr__(self, name: str, value: Any) -> None:
        field = type(self).fields.get(name)
        if field is None:
            raise AttributeError(f"{type(self).__qualname__} has no field {name!r}; it has {', '.join(self.fields)}")
        path = self._path(name)
        found = Repeated(path, field, value) if field.repeated else _checked(value, field.kind, path)
        for names in self.choices.values():
            if name in names:
                for other in names:
                    self._set.pop(other, None)
        self._set[name] = found

    def _path(self, name: str) -> str:
        return f"{type(self).__qualname__}.{name}"

    def _has(self, name: str) -> bool:
        if name not in self._set:
            return False
        value = self._set[name]
        if isinstance(value, Message):
            return "_present" in value.__dict__ or any(map(value._has, value._set))
        return any(name in names for names in self.choices.values()) or bool(value) or value != value

    def HasField(self, field_name: str) -> bool:
        """Whether a field is set.

        Args:
          field_name: the field's.

        Raises:
          ValueError: for one that the message does not have.

        Example:
          >>> event = tf.Event(step=3, wall_time=0.5)
          >>> event.HasField("step"), event.HasField("summary")
          (True, False)
        """
        if field_name not in self.fields:
            raise ValueError(f"{type(self).__qualname__} has no field {field_name!r}")
        return self._has(field_name)

    def WhichOneof(self, oneof_group: str) -> str | None:
        """The name of the field of a choice that is set, or None.

        Args:
          oneof_group: the choice's name.

        Example:
          >>> value = tf.Summary.Value(tag="loss", simple_value=0.5)
          >>> value.WhichOneof("value")
          'simple_value'
        """
        return next((name for name in self.choices[oneof_group] if self._has(name)), None)

    def CopyFrom(self, other_msg: Self) -> None:
        """Makes it equal to another message of its kind.

        Args:
          other_msg: the other message.

        Example:
          >>> event = tf.Event(step=3, wall_time=0.5)
          >>> copy = tf.Event()
          >>> copy.CopyFrom(event)
          >>> copy == event
          True
        """
        self._set.clear()
        self.ParseFromString(other_msg.SerializeToString())

    def SerializeToString(self) -> bytes:
        """Its bytes.

        Example:
          >>> list(tf.Event(step=3).SerializeToString())
          [16, 3]
        """
        return b"".join(self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        for name, (number, kind, repeated) in self.fields.items():
            if not self._has(name):
                continue
            values = self._set[name] if repeated else [self._set[name]]
            if repeated and kind in _NUMBERS:
                if kind in _PACKED:
                    yield _delimited(number, struct.pack(f"<{len(values)}{_PACKED[kind][1]}", *values))
                else:
                    yield _delimited(number, b"".join(_varint(int(v)) for v in values))
                continue
            for value in values:
                if kind in _NUMBERS:
                    yield _varint(number << 3 | _NUMBERS[kind]) + _number(value, kind)
                else:
                    data = value.SerializeToString() if isinstance(value, Message) else value
                    yield _delimited(number, data.encode() if isinstance(data, str) else data)

    @classmethod
    def FromString(cls, s: bytes) -> Self:
        """The message that these bytes are.

        Args:
          s: the bytes.

        Raises:
          DecodeError: for bytes that are none.

        Example:
          >>> tf.Event.FromString(bytes([16, 3])).step
          3
        """
        made = cls()
        made.ParseFromString(s)
        return made

    def ParseFromString(self, serialized: bytes) -> int:
        """Becomes the message that these bytes are; see `FromString`.

        Args:
          serialized: the bytes.

        Returns:
          How many bytes there were.

        Raises:
          DecodeError: for bytes that are none.

        Example:
          >>> event = tf.Event()
          >>> event.ParseFromString(bytes([16, 3])), event.step
          (2, 3)
        """
        self._set.clear()
        self.__dict__["_present"] = True
        by_number = {field.number: (name, field) for name, field in self.fields.items()}
        data = bytes(serialized)
        at = 0
        while at < len(data):
            key, at = self._read_varint(data, at)
            value, at = self._read(data, at, key & 7)
            name, field = by_number.get(key >> 3, ("", None))
            if field is not None:
                self._take(name, field, value, key & 7)
        return len(data)

    def _read_varint(self, data: bytes, at: int) -> tuple[int, int]:
        value = shift = 0
        while at < len(data) and shift < 70:
            byte = data[at]
            value |= (byte & 127) << shift
            at, shift = at + 1, shift + 7
            if byte < 128:
                return value & (1 << 64) - 1, at
        raise DecodeError(f"These bytes are no {type(self).__qualname__}: a number is cut off at byte {at}")

    def _read(self, data: bytes, at: int, wire_type: int) -> tuple[Any, int]:
        """What stands at a place, as far as its wire type tells, and where it ends."""
        if wire_type == 0:
            return self._read_varint(data, at)
        if wire_type == 2:
            length, at = self._read_varint(data, at)
        elif wire_type in (1, 5):
            length = 8 if wire_type == 1 else 4
        else:
            raise DecodeError(f"These bytes are no {type(self).__qualname__}: wire type {wire_type} at byte {at}")
        if at + length > len(data):
            raise DecodeError(f"These bytes are no {type(self).__qualname__}: {length} bytes are cut off at byte {at}")
        return data[at : at + length], at + length

    def _take(self, name: str, field: Field, value: Any, wire_type: int) -> None:
        kind: Any = field.kind
        if field.repeated and wire_type == 2 and kind in _NUMBERS:  # packed
            at, each = 0, _NUMBERS[kind]
            while at < len(value):
                number, at = self._read(value, at, each)
                self._take(name, field, number, each)
            return
        if wire_type != _NUMBERS.get(kind, 2):
            raise DecodeError(f"{self._path(name)} cannot have the wire type {wire_type}")
        if kind in ("int", "bool"):
            value = value - (1 << 64) if value >> 63 else value
        elif kind in _PACKED:
            (value,) = struct.unpack(_PACKED[kind], value)
        elif kind == "string":
            try:
                value = value.decode()
            except UnicodeDecodeError:
                raise DecodeError(f"{self._path(name)} is no text: {value[:40]!r}") from None
        elif kind != "bytes":
            value = kind.FromString(value)
        if field.repeated:
            getattr(self, name).append(value)
        else:
            setattr(self, name, value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.SerializeToString() == self.SerializeToString()

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for name in self.fields:
            if self._has(name):
                for value in self._set[name] if self.fields[name].repeated else [self._set[name]]:
                    if isinstance(value, Message):
                        yield from (f"{name} {{", *(f"  {line}" for line in value._lines()), "}")
                    else:
                        yield f"{name}: " + (f'"{value}"' if isinstance(value, str) else repr(value))


def _checked(value: Any, kind: Any, path: str) -> Any:
    """A value as its field keeps it.

    Raises:
      TypeError: for one of another kind.
    """
    try:
        if isinstance(kind, type):
            if not isinstance(value, kind):
                raise TypeError
            if "_present" not in value.__dict__:
                value.__dict__["_present"] = True
            return value
        if kind == "double":
            return float(value)
        if kind == "float":
            return struct.unpack("<f", _float(float(value)))[0]
        if kind == "int":
            return operator.index(value)
        if kind == "bool":
            return bool(value)
        if isinstance(value, bytes):
            return value if kind == "bytes" else value.decode()
        if isinstance(value, str) and kind == "string":
            return value
        raise TypeError
    except (TypeError, ValueError):
        wanted = kind.__qualname__ if isinstance(kind, type) else kind
        raise TypeError(f"{path} takes {wanted}, not {value!r:.80}") from None


def _float(value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", float("inf") if value > 0 else float("-inf"))


def _number(value: Any, kind: str) -> bytes:
    return _float(value) if kind == "float" else struct.pack("<d", value) if kind == "double" else _varint(int(value))


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _delimited(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data

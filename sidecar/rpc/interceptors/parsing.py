"""Bytes → request, after the caller is known, with words for bytes that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError, Message

from sidecar.errors import FieldViolation, MendRequest, Reason, invalid

if TYPE_CHECKING:
    from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_DEPTH = 20


def parse(data: bytes, kind: type[Message]) -> Message:
    """Return the message; raises ``MendRequest`` naming the field that is not UTF-8."""
    message = kind()
    try:
        message.ParseFromString(data)
    except DecodeError:
        field = _first_bad_string(data, kind.DESCRIPTOR, 0)
        if field:
            raise invalid(field, "The text is not valid UTF-8.") from None
        raise MendRequest(
            Reason.FIELD_INVALID,
            (FieldViolation("", "The bytes are not a message of this type."),),
        ) from None
    return message


def _first_bad_string(data: bytes, descriptor: Any, depth: int) -> str:
    """Walk the wire format and name the first string field with broken UTF-8."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, wire = tag >> 3, tag & 7
        if wire != _BYTES:
            position = _skip(data, position, wire)
            continue
        size, position = _varint(data, position)
        value, position = data[position : position + size], position + size
        field = descriptor.fields_by_number.get(number)
        if field is None or len(value) < size:
            continue
        if field.type == field.TYPE_STRING and not _is_utf8(value):
            return str(field.name)
        if field.type == field.TYPE_MESSAGE and depth < _MAX_DEPTH:
            inner = _first_bad_string(value, field.message_type, depth + 1)
            if inner:
                return f"{field.name}.{inner}"
    return ""


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            break
    return 0, len(data)


def _skip(data: bytes, position: int, wire: int) -> int:
    if wire == _VARINT:
        return _varint(data, position)[1]
    if wire in (_FIXED64, _FIXED32):
        return position + (8 if wire == _FIXED64 else 4)
    return len(data)  # groups are not used; nothing after them can be trusted


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True

"""RecordIO-protobuf: SageMaker's form of examples, and of predictions.

Source: SageMaker Developer Guide, Common data formats for training ("Use the protobuf RecordIO format"),
whose `record.proto` is the schema below.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

_MAGIC = 0xCED7230A
# The upper three bits of a frame's length tell a part of a record from a whole one.
_LENGTH = (1 << 29) - 1
_FRAME = struct.Struct("<II")


class NotRecordIO(Exception):
    """The bytes are something else, or end in the middle of a record."""


def records_of(content: memoryview) -> Iterator[Any]:
    """Yield the records of a file or a body.

    Raises:
        NotRecordIO: At the first frame that is none.
    """
    from google.protobuf.message import DecodeError

    record, position = _record(), 0
    while position < len(content):
        if len(content) - position < _FRAME.size:
            raise NotRecordIO("it ends in the middle of a frame")
        magic, word = _FRAME.unpack_from(content, position)
        length = word & _LENGTH
        if magic != _MAGIC or word != length:
            raise NotRecordIO(f"there is no record at byte {position}")
        position += _FRAME.size
        if len(content) - position < length:
            raise NotRecordIO("it ends in the middle of a record")
        try:
            yield record.FromString(bytes(content[position : position + length]))
        except DecodeError as error:
            raise NotRecordIO(f"the record at byte {position} is no protobuf: {error}") from None
        position += length + -length % 4


def tensor_of(values: Mapping[str, Any], key: str = "values") -> Any | None:
    """Return one tensor of a record's features or labels (values, keys, shape), or None where it has none."""
    if key not in values:
        return None
    value = values[key]
    kind = value.WhichOneof("value")
    return None if kind in (None, "bytes") else getattr(value, kind)


def encoded(labels: Sequence[Mapping[str, Sequence[float]]]) -> bytes:
    """Return one record a prediction, each with the labels that it has."""
    parts = []
    for row in labels:
        record = _record()()
        for name, values in row.items():
            record.label[name].float32_tensor.values.extend(values)
        content = record.SerializeToString()
        parts.append(_FRAME.pack(_MAGIC, len(content)) + content + b"\0" * (-len(content) % 4))
    return b"".join(parts)


@cache
def _record() -> Any:
    """Return the class of messages, made from the schema: no compiler of protobuf is needed."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="sagehen/record.proto", package="aialgs.data")

    def add(message: Any, name: str, number: int, kind: int, repeated: bool = False, of: str = "") -> Any:
        label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
        one = message.field.add(name=name, number=number, type=kind, label=label)
        if of:
            one.type_name = f".aialgs.data.{of}"
        return one

    for name, kind in (
        ("Float32Tensor", field.TYPE_FLOAT),
        ("Float64Tensor", field.TYPE_DOUBLE),
        ("Int32Tensor", field.TYPE_INT32),
    ):
        tensor = file.message_type.add(name=name)
        for part, number, its in (
            ("values", 1, kind),
            ("keys", 2, field.TYPE_UINT64),
            ("shape", 3, field.TYPE_UINT64),
        ):
            add(tensor, part, number, its, repeated=True).options.packed = True
    raw = file.message_type.add(name="Bytes")
    add(raw, "value", 1, field.TYPE_BYTES, repeated=True)
    add(raw, "content_type", 2, field.TYPE_STRING)
    value = file.message_type.add(name="Value")
    value.oneof_decl.add(name="value")
    for part, number, of in (
        ("float32_tensor", 2, "Float32Tensor"),
        ("float64_tensor", 3, "Float64Tensor"),
        ("int32_tensor", 7, "Int32Tensor"),
        ("bytes", 9, "Bytes"),
    ):
        add(value, part, number, field.TYPE_MESSAGE, of=of).oneof_index = 0
    record = file.message_type.add(name="Record")
    for name, number, entry in (("features", 1, "FeaturesEntry"), ("label", 2, "LabelEntry")):
        pair = record.nested_type.add(name=entry)
        pair.options.map_entry = True
        add(pair, "key", 1, field.TYPE_STRING)
        add(pair, "value", 2, field.TYPE_MESSAGE, of="Value")
        add(record, name, number, field.TYPE_MESSAGE, repeated=True, of=f"Record.{entry}")
    for name, number in (("uid", 3), ("metadata", 4), ("configuration", 5)):
        add(record, name, number, field.TYPE_STRING)
    pool = descriptor_pool.DescriptorPool()  # its own: the SDK's has a file with messages of these names
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("aialgs.data.Record"))

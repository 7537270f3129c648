"""What tensors a script's hook saved, summed up. Run as `python -I -S reading.py`: it reads foreign files.

Files of smdebug 1.0: TensorFlow's records (length, checksum, event, checksum), an event being a protocol
buffer of which few fields are needed, so they are read without a library, which would have to be of the job's
version. Sums over millions of values hold the interpreter, and what a file says of its lengths may be
anything: so this is a process of its own, with limits. A question comes as JSON on standard input, `{"files":
[path, ...]}`, and the answer goes to standard output: `{"tensors": [[name, mode, step, numbers], ...],
"cut": bool}`.
"""

from __future__ import annotations

import json
import math
import os
import resource
import struct
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from operator import mul
from typing import Any

_MEMORY_BYTES, _CPU_S, _STOP_AFTER_S = 1 << 30, 60, 30.0
_MOST_TENSORS = 20_000
_MOST_BYTES_OF_FILE = 128 << 20
_NAME_CHARACTERS = 200
# Of more values than these, every n-th stands for all; percentiles are taken of fewer.
_MOST_VALUES, _MOST_SORTED = 200_000, 5_000
# TensorFlow's DataType -> array's type code; `e` (half floats) is struct's.
_TYPES = {1: "f", 2: "d", 3: "i", 4: "B", 5: "h", 6: "b", 9: "q", 10: "B", 17: "H", 19: "e", 22: "I", 23: "Q"}
# smdebug's ModeKeys.
_MODES = {"1": "TRAIN", "2": "EVAL", "3": "PREDICT", "4": "GLOBAL"}
# Event.summary, Summary.value, and of a value: tag, tensor, metadata.
_SUMMARY, _VALUE, _TAG, _TENSOR, _METADATA = 5, 1, 1, 8, 9
_STEP, _PLUGIN, _PLUGIN_NAME, _PLUGIN_CONTENT = 2, 1, 1, 2
_DTYPE, _CONTENT = 1, 4


def read(files: Sequence[str], *, stop_after_s: float = _STOP_AFTER_S) -> dict[str, Any]:
    """Return what files of tensors hold.

    Args:
        files: In the order of their steps. What is no such file, or damaged from some place on, adds no more.

    Returns:
        `tensors`: (name, mode, step, numbers as `_numbers` has them); `cut`: not all was read.
    """
    tensors: list[tuple[str, str, int, dict[str, float]]] = []
    for file in files:
        if time.process_time() > stop_after_s or len(tensors) >= _MOST_TENSORS:
            return {"tensors": tensors, "cut": True}
        try:
            for event in _records(_content(file)):
                tensors += _tensors_of(event)
        except (OSError, ValueError, TypeError, struct.error, MemoryError):  # TypeError: of another kind
            continue
    return {"tensors": tensors[:_MOST_TENSORS], "cut": len(tensors) > _MOST_TENSORS}


def _content(path: str) -> memoryview:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return memoryview(file.read(_MOST_BYTES_OF_FILE))


def _records(data: memoryview) -> Iterator[memoryview]:
    at = 0
    while at + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        if length > len(data) - at - 16:
            return
        yield data[at + 12 : at + 12 + length]
        at += 16 + length


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Yield (number, value) of a protocol buffer's fields: an int, or the bytes of anything else.

    Raises:
        ValueError: It is none.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError("a field of no known kind")
        if size > len(data) - at:
            raise ValueError("a field longer than its message")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64 and at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("a number that does not end")


def _tensors_of(event: memoryview) -> Iterator[tuple[str, str, int, dict[str, float]]]:
    fields = list(_fields(event))
    step = next((v for number, v in fields if number == _STEP and isinstance(v, int)), 0)
    for number, summary in fields:
        if number != _SUMMARY:
            continue
        for inner, value in _fields(summary):
            if inner == _VALUE and (found := _tensor(value, step)) is not None:
                yield found


def _tensor(value: memoryview, step: int) -> tuple[str, str, int, dict[str, float]] | None:
    name, mode, numbers = "", "GLOBAL", None
    for number, part in _fields(value):
        if number == _TAG:
            name = bytes(part[: 4 * _NAME_CHARACTERS]).decode("utf-8", "replace")[:_NAME_CHARACTERS]
        elif number == _TENSOR:
            content = dict(_fields(part))
            numbers = _numbers(content.get(_DTYPE, 0), content.get(_CONTENT, memoryview(b"")))
        elif number == _METADATA:
            for _, plugin in _fields(part):
                told = dict(_fields(plugin))
                plugin_name, said = (bytes(told.get(n, b"")) for n in (_PLUGIN_NAME, _PLUGIN_CONTENT))
                if plugin_name == b"mode":
                    mode = _MODES.get(said.decode("ascii", "replace"), "GLOBAL")
                elif plugin_name == b"mode_step" and said.isdigit() and len(said) < 19:
                    step = int(said)
    return (name, mode, step, numbers) if numbers is not None else None


def _numbers(dtype: int, content: memoryview) -> dict[str, float] | None:
    """Return count, share of zeros, not finite values, mean of absolute values, variance, percentiles."""
    code = _TYPES.get(dtype)
    if code is None:
        return None
    values = _values(code, content)
    if not values:
        return None
    total = math.fsum(values[:1]) if len(values) == 1 else float(sum(values))
    nans = infinite = 0
    if not math.isfinite(total):
        nans = sum(1 for value in values if value != value)
        infinite = sum(1 for value in values if math.isinf(value))
        values = array("d", (value for value in values if math.isfinite(value)))
    found: dict[str, float] = {"count": len(values) + nans + infinite, "nans": nans, "infinite": infinite}
    if not values:
        return found
    some = values[:: math.ceil(len(values) / _MOST_VALUES)]
    mean = float(sum(some)) / len(some)
    few = sorted(some[:: math.ceil(len(some) / _MOST_SORTED)])
    return found | {
        "mean": mean,
        "mean_abs": float(sum(map(abs, some))) / len(some),
        "variance": max(0.0, float(sum(map(mul, some, some))) / len(some) - mean * mean),
        "zeros": some.count(0) / len(some),
        "p5": float(few[int(0.05 * (len(few) - 1))]),
        "p95": float(few[int(0.95 * (len(few) - 1))]),
    }


def _values(code: str, content: memoryview) -> Any:
    size = struct.calcsize("<" + code)
    whole = len(content) // size * size
    if code == "e":
        return array("f", struct.unpack(f"<{whole // size}e", content[:whole]))
    return array(code, bytes(content[:whole]))


def main() -> None:
    """Answer one question."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    question = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(read(question["files"])))


if __name__ == "__main__":
    main()

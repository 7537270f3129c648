"""Files of tensors: one that smdebug wrote, others made here, and what is none."""

from __future__ import annotations

import base64
import json
import math
import random
import struct
from array import array
from pathlib import Path
from typing import Any

import pytest

from sagehen.services.sagemaker.training.hooks import reading
from sagehen.services.sagemaker.training.hooks.tensors import choose, read_tensors

# Recorded: smdebug 1.0.34 under PyTorch 2.13, a loss in mode EVAL.
_RECORDED = base64.b64decode(
    "UwAAAAAAAAANfU6RCVuB26/vwtpBEAoqRgpEChlDcm9zc0VudHJvcHlMb3NzX291dHB1dF8wQgoIARIAIgSnN1U/ShsKDgoJbW9k"
    "ZV9zdGVwEgEwCgkKBG1vZGUSATKzwC0G"
)


def _message(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def _record(name: str, dtype: int, content: bytes) -> bytes:
    tensor = bytes([1 << 3]) + _varint(dtype) + _message(4, content)
    value = _message(1, name.encode()) + _message(8, tensor)
    event = bytes([2 << 3]) + _varint(300) + _message(5, _message(1, value))
    return struct.pack("<QI", len(event), 0) + event + struct.pack("<I", 0)


def _read(folder: Path, content: bytes) -> list[Any]:
    (folder / "0_worker_0.tfevents").write_bytes(content)
    found: list[Any] = reading.read(
        [str(folder / "0_worker_0.tfevents")],
        stop_after_s=math.inf,  # it counts the processor time of its own process
    )["tensors"]
    return found


def test_what_smdebug_wrote(tmp_path: Path) -> None:
    ((name, mode, step, numbers),) = _read(tmp_path, _RECORDED)
    assert (name, mode, step) == ("CrossEntropyLoss_output_0", "EVAL", 0)
    assert numbers["mean"] == pytest.approx(0.83288, abs=1e-5)


def test_numbers_of_tensors(tmp_path: Path) -> None:
    halves = struct.pack("<4e", 0.0, 1.0, -1.0, 0.5)
    wide = array("d", [3.0, float("nan"), float("inf")])
    large = array("f", [1.0, -1.0] * 300_000)
    content = _record("h", 19, halves) + _record("w", 2, wide.tobytes()) + _record("l", 1, large.tobytes())
    found = {name: numbers for name, _, _, numbers in _read(tmp_path, content + _record("text", 7, b"x"))}
    assert found["h"]["zeros"] == 0.25 and found["h"]["mean_abs"] == 0.625
    assert (found["w"]["nans"], found["w"]["infinite"], found["w"]["mean"]) == (1, 1, 3.0)
    assert found["l"]["count"] == 600_000 and found["l"]["mean_abs"] == 1.0
    assert list(found) == ["h", "w", "l"]
    assert _read(tmp_path, _record("h", 19, halves))[0][1:3] == ("GLOBAL", 300)


def test_damaged_files_end_where_they_are_damaged(tmp_path: Path) -> None:
    whole = _RECORDED * 3
    rng = random.Random(7)
    for _ in range(150):
        damaged = bytearray(whole[: rng.randrange(len(whole) + 1)])
        for _ in range(rng.randrange(4)):
            if damaged:
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        assert len(_read(tmp_path, bytes(damaged))) <= 3
    assert _read(tmp_path, struct.pack("<QI", 2**63, 0) + _RECORDED) == []
    assert _read(tmp_path, b"") == []


async def test_a_process_of_its_own_reads_and_follows_no_link(tmp_path: Path) -> None:
    events = tmp_path / "0_worker_0.tfevents"
    events.write_bytes(_RECORDED)
    link = tmp_path / "1_worker_0.tfevents"
    link.symlink_to(events)
    tensors = await read_tensors([(events, 99), (link, 99), (tmp_path / "gone.tfevents", 1)])
    assert [(tensor.name, tensor.mode) for tensor in tensors.all] == [("CrossEntropyLoss_output_0", "EVAL")]
    losses = tensors.losses()
    assert losses is not None and (len(losses.training), len(losses.validation)) == (0, 1)
    assert not tensors.cut and json.dumps(tensors.all[0].numbers)


def test_the_first_steps_are_read_and_of_many_others_some() -> None:
    few = [(Path(f"{number:012}_worker_0.tfevents"), 1000) for number in range(50)]
    assert choose([*few[::-1], (Path("index.json"), 5)]) == ([path for path, _ in few], False)
    many = [(Path(f"{number:012}_worker_0.tfevents"), 1 << 20) for number in range(10_000)]
    chosen, cut = choose(many)
    assert cut and len(chosen) < 1100 and chosen[:20] == [path for path, _ in many[:20]]

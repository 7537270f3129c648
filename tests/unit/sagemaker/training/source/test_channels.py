"""Sources that come in channels: which channels they are, and what is started of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sagehen.services.sagemaker.images.imports import Script
from sagehen.services.sagemaker.training.source.channels import channels_of, script
from sagehen.services.sagemaker.transfers.channels.channel import Channel

# As sagemaker-train 1.27 sends them.
V3 = (
    "/bin/bash", "-c",
    "chmod +x /opt/ml/input/data/sm_drivers/sm_train.sh && /opt/ml/input/data/sm_drivers/sm_train.sh",
)  # fmt: skip


def _request(words: Sequence[str]) -> dict[str, Any]:
    return {"AlgorithmSpecification": {"ContainerEntrypoint": words[:1], "ContainerArguments": words[1:]}}


def _channel(name: str) -> Channel:
    return Channel(name, f"s3://b/{name}/", "S3Prefix", "FullyReplicated", "File", None)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (V3, ["code", "sm_drivers"]),
        (("python3", "/opt/ml/input/data/more/src/train.py", "--epochs", "3"), ["more"]),
        (("python3", "-u", "/opt/ml/input/data/more/train.py"), ["more"]),
        (("python3", "/opt/ml/input/data/more/../../x.py"), []),
        (("python3", "/opt/ml/input/data/more"), []),
        (("python3", "-m", "code"), []),
        (("train",), []),
        ((), []),
    ],
)
def test_channels(words: Sequence[str], names: list[str]) -> None:
    channels = [_channel(name) for name in ("train", "code", "sm_drivers", "more")]
    assert [channel.name for channel in channels_of(_request(words), channels)] == names


@pytest.mark.parametrize(
    ("told", "entry", "requirements"),
    [
        ({"entry_script": "train.py", "requirements": None}, "train.py", None),
        ({"entry_script": "train.py", "requirements": "more/needs.txt"}, "train.py", "more/needs.txt"),
        ({"entry_script": "train.py", "requirements": "auto"}, "train.py", "requirements.txt"),
        ({"entry_script": "a.py", "command": "python b.py --x '1 2'"}, "b.py", None),
        ({"entry_script": "a.py", "command": "bash run.sh"}, None, None),
        ({"entry_script": "a.py", "command": "python 'open"}, None, None),
        ({"entry_script": ["a.py"], "command": 3}, None, None),
        ({"entry_script": "a\0.py"}, None, None),
        ([], None, None),
    ],
)
def test_what_sdk_v3_starts(
    tmp_path: Path, told: object, entry: str | None, requirements: str | None
) -> None:
    (tmp_path / "sm_drivers").mkdir()
    (tmp_path / "sm_drivers" / "sourcecode.json").write_text(json.dumps(told))
    found = script(_request(V3), tmp_path.joinpath)
    if entry is None:
        assert found is None
    else:
        assert found is not None and found.folder == tmp_path / "code"
        assert (found.entry, found.requirements) == (entry, requirements)


def test_without_what_tells_of_it_nothing_is_known(tmp_path: Path) -> None:
    assert script(_request(V3), tmp_path.joinpath) is None
    (tmp_path / "sm_drivers").mkdir()
    (tmp_path / "sm_drivers" / "sourcecode.json").write_text(" " * 100_000 + "{}")
    assert script(_request(V3), tmp_path.joinpath) is None
    started = script(_request(("python", "/opt/ml/input/data/a/b/c.py")), tmp_path.joinpath)
    assert started == Script(tmp_path / "a", "b/c.py", requirements=None)

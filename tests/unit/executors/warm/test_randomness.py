"""What is random in a fresh process is random in a fork, and what is fixed there is the same here."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.base import Limits, Mount, SandboxSpec
from sagehen.executors.warm import randomness
from sagehen.executors.warm.fresh_start import can_take_up

from ..conftest import MakeExecutor

pytestmark = [pytest.mark.sandbox, pytest.mark.once]

_PLAIN = """
import hashlib, json, logging, multiprocessing, os, random, secrets, ssl, tempfile, time, uuid
drawn = {
    "random": random.random(),
    "own generator": random.Random().random(),
    "seeded generator": random.Random(7).random(),
    "secrets": secrets.token_hex(8),
    "urandom": os.urandom(8).hex(),
    "uuid1": str(uuid.uuid1()),
    "uuid4": str(uuid.uuid4()),
    "ssl": ssl.RAND_bytes(8).hex(),
    "temporary name": tempfile.mktemp(),
    "multiprocessing": bytes(multiprocessing.current_process().authkey).hex(),
    "sets": hashlib.sha256(repr({str(n) for n in range(1000)}).encode()).hexdigest(),
}
record = logging.LogRecord("a", 20, "f", 1, "", (), None)
assert 0 <= record.relativeCreated < 60_000, record.relativeCreated  # since this program began
assert time.tzname == (os.environ["TZ"][:3],) * 2, time.tzname
"""
_TORCH = """
import numpy, torch
from torch.utils.data import DataLoader
class Draws(torch.utils.data.Dataset):
    def __len__(self): return 2
    def __getitem__(self, index): return torch.utils.data.get_worker_info().seed
import sympy.core.random
drawn |= {
    "torch seed": torch.initial_seed(),
    "torch": torch.rand(1).item(),
    "torch.Generator": torch.Generator().initial_seed(),
    "worker seeds": [int(seed) for seed in DataLoader(Draws(), batch_size=None, num_workers=1)],
    "numpy": numpy.random.rand(),
    "numpy seeded": numpy.random.RandomState(7).rand(),
    "default_rng": numpy.random.default_rng().random(),
    "sympy": sympy.core.random.rng.random(),
    "sympy assumptions": sympy.core.random._assumptions_rng.random(),
}
torch.manual_seed(7)
drawn["torch seeded"] = torch.rand(1).item()
"""
# No generator that some module of the preload set keeps may be in the same state in two forks.
_CENSUS = """
import gc
gc.unfreeze()
kept = [o for o in gc.get_objects() if isinstance(o, (random.Random, numpy.random.RandomState))
        and not isinstance(o, random.SystemRandom)]
states = [o.getstate() if isinstance(o, random.Random) else o.get_state(legacy=True) for o in kept]
drawn["kept"] = [hashlib.sha256(repr(state).encode()).hexdigest() for state in states]
"""
_FIXED = {"seeded generator", "torch.Generator", "numpy seeded", "torch seeded"}


async def _draws(
    make_executor: MakeExecutor, folder: Path, parent: str, script: str, environment: dict[str, str]
) -> list[dict[str, Any]]:
    executor = make_executor(folder=f"runtime-{parent}-{len(environment)}")
    code = folder / "code"
    code.mkdir(exist_ok=True)
    (code / "draw.py").write_text(script + "\nprint(json.dumps(drawn))\n")
    drawn = []
    for name in ("one", "two"):
        lines: list[str] = []
        spec = SandboxSpec(
            name, folder / name, ("python", "/code/draw.py"), Limits(2, 1024), mounts=(Mount(code, "/code"),),
            warm_parent=parent, environment={"TZ": "XYZ+3", **environment},
        )  # fmt: skip
        sandbox = await executor.start(spec, lambda _, line, lines=lines: lines.append(line))  # type: ignore[misc]
        assert (await sandbox.wait()).code == 0, lines
        drawn.append(json.loads(lines[-1]))
    await executor.close()
    return drawn


@pytest.mark.parametrize(
    ("parent", "script"),
    [("bare", _PLAIN), pytest.param("torch", _PLAIN + _TORCH + _CENSUS, marks=pytest.mark.torch)],
)
async def test_forks_draw_as_fresh_processes_do(
    make_executor: MakeExecutor, tmp_path: Path, parent: str, script: str
) -> None:
    if parent == "torch":
        pytest.importorskip("torch")
        pytest.importorskip("sympy")
    fresh = await _draws(make_executor, tmp_path, parent, script, {"PYTHONUTF8": "0"})  # which is not forked
    forked = await _draws(make_executor, tmp_path, parent, script, {})
    for name, value in fresh[0].items():
        if name in _FIXED:
            assert value == fresh[1][name] == forked[0][name] == forked[1][name], name
        elif name == "kept":
            shared = [set(one[name]) & set(two[name]) for one, two in (fresh, forked)]
            assert len(value) > 3 and shared[1] == shared[0]
        elif name == "sets":  # the one thing that a fork shares with its parent
            assert value != fresh[1][name] and forked[0][name] == forked[1][name]
        else:
            values = [str(process[name]) for process in (*fresh, *forked)]
            assert len(set(values)) == 4, (name, values)


def test_variables_that_only_a_start_can_honour_are_not_forked() -> None:
    assert can_take_up({"PYTHONPATH": "/a", "OMP_NUM_THREADS": "2", "TORCH_HOME": "/c", "AWS_REGION": "x"})
    for name in ("PYTHONHASHSEED", "LD_PRELOAD", "LC_ALL", "OMP_PROC_BIND", "MKL_NUM_THREADS", "TORCH_LOGS"):
        assert not can_take_up({name: "1"}), name


def test_what_uuid1_has_drawn_before_a_fork_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where libuuid is there, it remembers by itself, in the process that asks.
    monkeypatch.setattr(uuid, "_generate_time_safe", None)
    ahead = uuid.uuid1().time + 10**15
    monkeypatch.setattr(uuid, "_node", 1)
    monkeypatch.setattr(uuid, "_last_timestamp", ahead)
    drawn = uuid.uuid1()
    assert (drawn.node, drawn.time) == (1, ahead + 1)
    randomness.start_anew()
    fresh = uuid.uuid1()
    assert fresh.node == uuid.getnode() != 1
    assert fresh.time < ahead

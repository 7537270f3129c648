"""Randomness: after a fork, what a fresh process would have drawn for itself is drawn anew.

Measured against fresh processes (`tests/unit/executors/warm/test_randomness.py`): what is fixed there stays
as it is, what differs there differs between forks. One thing cannot be had: the seed of `hash(str)` is
built into every dictionary of the parent, so forks iterate over sets of strings in one order. A job that
sets PYTHONHASHSEED is started, not forked.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import time
from collections.abc import Iterator

# Generators that modules made at import without naming a seed (sympy has some). They live as long.
_unseeded: list[random.Random] = []


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Remember the generators that are made without a seed meanwhile: imports do so."""
    draw = random.Random.seed

    def seed(
        self: random.Random, a: int | float | str | bytes | bytearray | None = None, version: int = 2
    ) -> None:
        draw(self, a, version)
        known = any(generator is self for generator in _unseeded)
        if a is None and not known:
            _unseeded.append(self)
        elif a is not None and known:
            _unseeded[:] = [generator for generator in _unseeded if generator is not self]

    random.Random.seed = seed  # type: ignore[method-assign]
    try:
        yield
    finally:
        random.Random.seed = draw  # type: ignore[method-assign]


def start_anew() -> None:
    """Draw again what a fresh process draws, of the modules that are loaded. Call it in the fork."""
    for generator in (random._inst, *_unseeded):
        generator.seed()
    for name, renew in _RENEWALS.items():
        if (module := sys.modules.get(name)) is not None:
            renew(module)


def _numpy(module: object) -> None:
    module.seed()  # type: ignore[attr-defined]  # the global RandomState; default_rng asks the system


def _torch(module: object) -> None:
    # Its default generator is drawn at random in a fresh process (c10::detail::getNonDeterministicRandom),
    # only `torch.Generator()` is fixed. CUDA's are made when CUDA is initialised, which is after the fork.
    module.default_generator.seed()  # type: ignore[attr-defined]


def _ssl(module: object) -> None:
    # OpenSSL tells a fork by its pid, and pids begin anew in a pid namespace.
    module.RAND_add(os.urandom(32), 32.0)  # type: ignore[attr-defined]


def _tempfile(module: object) -> None:
    module._name_sequence = None  # type: ignore[attr-defined]  # it tells a fork by its pid too


def _multiprocessing(module: object) -> None:
    own = module.current_process()  # type: ignore[attr-defined]
    own.authkey = os.urandom(32)


def _uuid(module: object) -> None:
    # uuid1: the node is drawn where no card has an address; the clock's last value is this process's own.
    for name in ("_node", "_last_timestamp", "_last_timestamp_v6", "_last_timestamp_v7"):
        if hasattr(module, name):
            setattr(module, name, None)


def _logging(module: object) -> None:
    began = module._startTime  # type: ignore[attr-defined]
    module._startTime = time.time_ns() if isinstance(began, int) else time.time()  # type: ignore[attr-defined]


_RENEWALS = {
    "numpy.random": _numpy,
    "torch": _torch,
    "ssl": _ssl,
    "tempfile": _tempfile,
    "multiprocessing.process": _multiprocessing,
    "uuid": _uuid,
    "logging": _logging,
}

"""Whether a fork can stand for a start."""

from __future__ import annotations

from sagehen.executors.base import SandboxSpec
from sagehen.executors.isolation.python import python_arguments
from sagehen.executors.warm.fresh_start import can_run, can_take_up


def is_exact(spec: SandboxSpec) -> bool:
    """Tell whether a fork of a warm parent is, to the program, what a start would be."""
    arguments = python_arguments(spec.command)
    if arguments is None or spec.gpus:  # after a fork CUDA cannot be initialised reliably
        return False
    # Some variables would come too late.
    early = {name: spec.environment[name] for name in spec.environment.keys() - spec.forked_variables}
    return can_run(arguments) and can_take_up(early)

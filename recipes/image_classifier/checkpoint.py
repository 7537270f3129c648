"""Checkpoint: all of the loop's state, so that a run that was cut off ends as if it had not been."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from typing import Any

import torch
from settings import Settings
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import OneCycleLR
from world import World

_FILE = "checkpoint.pt"


@dataclass
class Position:
    """Where the loop stands: the next step to take, and the sums of this epoch so far."""

    epoch: int = 0
    step: int = 0  # within the epoch: with the epoch's seeded order, the sampler's position
    loss_sum: float = 0.0
    correct: float = 0.0
    seen: int = 0


class Checkpoints:
    """One file in one folder, replaced whole. Without a folder nothing is kept."""

    def __init__(
        self, settings: Settings, world: World, learner: nn.Module, optimiser: SGD, schedule: OneCycleLR
    ) -> None:
        self._folder = settings.checkpoint_dir
        self._every_s = settings.checkpoint_every_s
        self._fingerprint = settings.fingerprint()
        self._world = world
        self._learner, self._optimiser, self._schedule = learner, optimiser, schedule
        self._last = time.monotonic()

    def due(self) -> bool:
        return self._folder is not None and time.monotonic() - self._last >= self._every_s

    def save(self, position: Position) -> None:
        """Write a checkpoint: to a new file, synced, then renamed over the old one."""
        self._last = time.monotonic()
        if self._folder is None or not self._world.leads:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f"{_FILE}.partial"
        state = {
            "settings": self._fingerprint,
            "learner": self._learner.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "position": asdict(position),
            "random": torch.get_rng_state(),
        }
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / _FILE)

    def restore(self) -> Position:
        """Load the checkpoint, if there is one that belongs to this run, into every rank."""
        state = self._world.broadcast(self._read() if self._world.leads else None)
        if state is None:
            return Position()
        self._learner.load_state_dict(state["learner"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        position = Position(**state["position"])
        if not self._world.leads:
            # The saved sums are those of all ranks; one carries them on, or they would count twice.
            position.loss_sum = position.correct = 0.0
        return position

    def _read(self) -> dict[str, Any] | None:
        if self._folder is None or not (self._folder / _FILE).is_file():
            return None
        state: dict[str, Any] = torch.load(self._folder / _FILE, map_location="cpu", weights_only=True)
        if state["settings"] != self._fingerprint:
            print(f"{self._folder / _FILE} is of a run with other settings: starting anew", flush=True)
            return None
        return state

"""Watch: the objective of a tuning job's running trials as they print it, and which of them are to be
stopped.

What decides is pure (`early_stopping.py`, `hyperband.py`); here is what it is shown. A tuning job that
stops nothing early keeps nothing. Told in the event loop; `kept` may be asked in another thread.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.stopping import early_stopping, hyperband
from sagehen.services.sagemaker.tuning.trials.trial import MOST_EPOCHS, Trial


@dataclass(slots=True)
class _Watched:
    trial: Trial
    curve: array[float] = field(default_factory=lambda: array("d"))


class Watch:
    """Takes values of objectives, one after the other.

    Args:
        job: Whose strategy and early stopping say what is judged, and how.
    """

    def __init__(self, job: TuningJob) -> None:
        self._job = job
        self._hyperband = job.strategy == "Hyperband"
        self._most = hyperband.MOST_RESOURCE if self._hyperband else MOST_EPOCHS
        self._running: dict[str, _Watched] = {}
        self._averages: list[Sequence[float]] = []
        # Values at rungs of all trials, by definition and bracket and then by name.
        self._rungs: dict[tuple[int, int], dict[str, Mapping[int, float]]] = {}

    def begin(self, trial: Trial) -> None:
        """Watch a trial, from its beginning or from that of another attempt."""
        if self._hyperband or self._job.early_stopping:
            self._running[trial.name] = _Watched(trial)

    def end(self, trial: Trial) -> None:
        """Compare others with a trial that has ended."""
        self._running.pop(trial.name, None)
        if self._hyperband:
            self._rivals(trial)[trial.name] = trial.rungs
        elif trial.status == "Completed" and trial.curve:
            self._averages.append(array("d", early_stopping.running_averages(trial.curve)))

    def take(self, name: str, value: float) -> bool:
        """Take a value of a trial's objective; return whether the trial is to be stopped now."""
        watched = self._running.get(name)
        if watched is None or not math.isfinite(value) or len(watched.curve) >= self._most:
            return False
        curve = watched.curve
        curve.append(value)
        trial, seen = watched.trial, len(curve) - 1
        definition = self._job.definitions[trial.definition]
        if not self._hyperband:
            return early_stopping.stops(definition.objective, curve, seen, self._averages) is not None
        resources, bracket = self._bracket(trial)
        rivals = self._rivals(trial)
        others = [values for other, values in rivals.items() if other != name]
        verdict = hyperband.stops(resources, definition.objective, bracket, curve, seen, others)
        rivals[name] = hyperband.at_rungs(resources, bracket, curve)
        return verdict is not None

    def kept(self, trial: Trial) -> tuple[list[float], dict[int, float]]:
        """Return what is to be remembered of a trial that ends: its curve, and its values at rungs."""
        if self._hyperband:
            return [], dict(self._rivals(trial).get(trial.name, {}))
        watched = self._running.get(trial.name)
        return (list(watched.curve), {}) if watched else ([], {})

    def _rivals(self, trial: Trial) -> dict[str, Mapping[int, float]]:
        _, bracket = self._bracket(trial)
        return self._rungs.setdefault((trial.definition, bracket), {})

    def _bracket(self, trial: Trial) -> tuple[hyperband.Resources, int]:
        definitions = self._job.definitions
        resources = hyperband.resources_of(self._job.config, definitions[trial.definition])
        # Definitions take turns, and the trials of each go through its brackets.
        return resources, hyperband.bracket_of(resources, 1 + (trial.number - 1) // len(definitions))

"""The model process: Optuna's samplers, asked line by line. Started as `python -m`, without the platform.

Each line has everything that was seen so far, so the process remembers nothing: an answer depends on the
question alone, and who restarts it loses nothing. A Gaussian process needs PyTorch; without it, and for many
trials, the estimator of Parzen (TPE) answers. Ends when its input does.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import signal
import sys
import warnings
from typing import Any

# Of memory of its own: 0.42 GB was the most, for 4,500 trials of 30 hyperparameters. Address space is no
# measure, since a PyTorch for GPUs maps libraries of several gigabytes.
_MEMORY_BYTES = 2 << 30
# Of a processor, imports included: those took 4 s, the longest answers as many.
_ANSWER_S = 60.0


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the next point for a question of `questions.question`."""
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    names = [f"x{place}" for place in range(len(asked["choices"]))]
    space: dict[str, BaseDistribution] = {
        name: CategoricalDistribution(list(range(count))) if count else FloatDistribution(0.0, 1.0)
        for name, count in zip(names, asked["choices"], strict=True)
    }
    study = optuna.create_study(sampler=_sampler(optuna, asked["method"], asked["seed"]))
    for point, value in asked["told"]:
        study.add_trial(
            optuna.trial.create_trial(
                params=dict(zip(names, point, strict=True)), distributions=space, value=value
            )
        )
    for point in asked["running"]:
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState.RUNNING,
                params=dict(zip(names, point, strict=True)),
                distributions=space,
            )
        )
    found = study.ask(space).params
    return {"point": [found[name] for name in names]}


def _sampler(optuna: Any, method: str, seed: int) -> Any:
    if method == "gp" and importlib.util.find_spec("torch"):
        return optuna.samplers.GPSampler(seed=seed, n_startup_trials=0)
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=0, multivariate=True, constant_liar=True)


def _limit() -> None:
    for kind, most in ((resource.RLIMIT_DATA, _MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def main() -> None:
    """Answer until the input ends. A line that is empty wants the imports made, and no answer."""
    warnings.simplefilter("ignore")
    _limit()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    for line in sys.stdin:
        if not line.strip():
            import optuna  # noqa: F401

            if importlib.util.find_spec("torch"):
                import torch  # noqa: F401
            continue
        signal.setitimer(signal.ITIMER_PROF, _ANSWER_S)  # the signal's default action is the end
        try:
            text = json.dumps(answer(json.loads(line)))
        except Exception as error:
            text = json.dumps({"error": f"{type(error).__name__}: {error}"})
        signal.setitimer(signal.ITIMER_PROF, 0)
        out.write(f"{text}\n")
        out.flush()


if __name__ == "__main__":
    main()

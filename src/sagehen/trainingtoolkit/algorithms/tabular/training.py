"""Training: channels in, a model out, a line a metric as AWS's algorithms print it."""

from __future__ import annotations

from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular import channels, models
from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Algorithm, Data
from sagehen.trainingtoolkit.algorithms.tabular.gathering import gathered
from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError


def run(environment: TrainingEnvironment, name: str) -> None:
    """Train, and write the model on the first host.

    Raises:
        ToolkitError: The job's settings or data cannot be used.
    """
    algorithm = models.algorithm(name)
    print(f"{name} is computed by {algorithm.stands_for_it}.", flush=True)
    values, unused = algorithm.hyperparameters.read(environment.hyperparameters)
    if unused:
        print(f"Without effect on it: {', '.join(sorted(unused))}.", flush=True)
    data = _data(environment, algorithm)
    if data is None:
        print(f"{environment.hosts[0]} trains on the examples of all hosts.", flush=True)
        return
    _check_width(data, values)
    sizes = ", ".join(f"{len(part)} of {channel}" for channel, part in _channels(data))
    print(f"Examples: {sizes}; {data.train.features.shape[1]} features.", flush=True)
    model = algorithm.train(data, values, environment.num_cpus)
    models.save(environment.model_dir, name, model)
    for channel, (metric, sort, value) in algorithm.metrics(model, data, values):
        print(
            f"#quality_metric: host={environment.current_host}, {channel} {metric} <{sort}>={value:.10g}",
            flush=True,
        )


def _data(environment: TrainingEnvironment, algorithm: Algorithm) -> Data | None:
    """Return the examples of all hosts; None where another host has them."""
    own = {
        name: channels.table_of(environment, name, algorithm.is_labelled)
        for name in ("train", "validation", "test")
    }
    sharded = [name for name in own if channels.is_sharded(environment, name)]
    found = gathered(environment, own, sharded)
    if found is None:
        return None
    train = found["train"]
    if train is None:
        raise ToolkitError("Missing required channel: train")
    return Data(train, found["validation"], found["test"])


def _channels(data: Data) -> list[tuple[str, Any]]:
    named = (("train", data.train), ("validation", data.validation), ("test", data.test))
    return [(name, part) for name, part in named if part is not None]


def _check_width(data: Data, values: dict[str, Any]) -> None:
    wanted = values.get("feature_dim") or int(data.train.features.shape[1])
    for name, part in _channels(data):
        width = int(part.features.shape[1])
        if width != wanted:
            raise ToolkitError(
                f"Unable to read data channel '{name}': its examples have {width} features, and "
                f"feature_dim is {wanted}"
            )

"""Random search: points drawn from a seed, each for itself: the tenth needs no memory of the nine. Pure."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

from sagehen.services.sagemaker.tuning.definition.space import Space

# A draw that was there already is drawn again this often; then the first that was not there is taken.
_DRAWS = 200
_COUNTED = 20_000


def draw(
    space: Space, seed: int, definition: int, number: int, taken: Collection[Mapping[str, str]]
) -> dict[str, str]:
    """Return hyperparameters that no trial has had, where there are any left.

    Args:
        seed: Of the tuning job.
        definition: Its place among the training job definitions.
        number: Of the trial.
        taken: Hyperparameters of the trials before it.
    """
    source = random.Random(f"{seed}/{definition}/{number}")
    found = space.texts([source.random() for _ in space.parameters])
    combinations = space.combinations
    if combinations is None or not taken:
        return found
    known = {tuple(sorted(texts.items())) for texts in taken}
    for _ in range(_DRAWS):
        if tuple(sorted(found.items())) not in known:
            return found
        found = space.texts([source.random() for _ in space.parameters])
    for place in range(min(combinations, _COUNTED)):
        other = combination(space, place)
        if tuple(sorted(other.items())) not in known:
            return other
    return found


def combination(space: Space, place: int) -> dict[str, str]:
    """Return the combination at a place in the order that the last parameter turns fastest in.

    Raises:
        ValueError: A parameter is continuous.
    """
    texts: dict[str, str] = {}
    for parameter in reversed(space.parameters):
        place, index = divmod(place, parameter.choices or 1)
        texts[parameter.name] = parameter.choice(index)
    return {parameter.name: texts[parameter.name] for parameter in space.parameters}

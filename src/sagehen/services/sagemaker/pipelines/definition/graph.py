"""The graph of steps: an order in which each comes behind what it needs, and who depends on whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid
from sagehen.services.sagemaker.pipelines.definition.step import Step


def require_order(steps: Mapping[str, Step]) -> None:
    """Check that no step waits for itself.

    Raises:
        Invalid: It names the steps of which each waits for another.
    """
    waiting = {name: set(step.needs) for name, step in steps.items()}
    ready = [name for name, needs in waiting.items() if not needs]
    followers: dict[str, list[str]] = {}
    for name, needs in waiting.items():
        for need in needs:
            followers.setdefault(need, []).append(name)
    while ready:
        done = ready.pop()
        del waiting[done]
        for name in followers.get(done, ()):
            waiting[name].discard(done)
            if not waiting[name]:
                ready.append(name)
    if waiting:
        names = ", ".join(sorted(waiting))
        raise Invalid(f"The steps' dependencies are cyclic: {names}.")


def upstream(steps: Mapping[str, Step], of: Iterable[str]) -> set[str]:
    """Return all that some steps need, and what those need, without themselves where nobody needs them."""
    found: set[str] = set()
    left = [need for name in of for need in steps[name].needs]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(steps[name].needs)
    return found

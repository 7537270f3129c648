"""Changes: the calls by which a resource becomes what the template says now; or that there are none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.requests import filled
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step, about
from sagehen.services.cloudformation.types.tagging import tag_changes

# A step, and what its request is made of.
Call = tuple[Step, Known]


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Return the names of properties that two versions do not have alike."""
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def changes(kind: ResourceType, old: Known, new: Known) -> list[Call] | None:
    """Return the calls that change a resource in place; None where they would leave something as it was."""
    if kind.made_by:  # what makes it changes it, too
        return []
    names = differing(old.properties, new.properties)
    covered = names & set(kind.kept)
    calls: list[Call] = []
    if kind.tags and "Tags" in names:
        covered.add("Tags")
        calls += tag_changes(kind, old, new)
    for step in kind.update:
        hit = _asked_for(kind, step, names)
        removed = {name for name in hit if name not in new.properties}
        empty = step.get("empty") or {}
        if not step.get("whole"):
            hit -= removed - empty.keys()
        if not hit:
            continue
        covered |= hit
        if not applies(step, new):
            continue
        # Only what was there is emptied: what the template never named is not its business.
        given = {**{name: empty[name] for name in removed if name in empty}, **new.properties}
        calls += [(step, one) for one in each(step, replace(new, properties=given))]
    for step in kind.create if kind.is_spread else kind.create[1:]:
        name = _about(step)
        if name not in names or (name in covered and name == "Tags"):
            continue
        part = _part(step, old, new)
        if part is not None:
            calls += part
            covered.add(name)
    return calls if names <= covered else None


def _asked_for(kind: ResourceType, step: Step, names: set[str]) -> set[str]:
    """Return which of the changed properties an update's step is for."""
    wanted = set(step["on"])
    if "*" not in wanted:
        return names & wanted
    others = {_about(part) for part in kind.create[1:]} | kind.identifying
    if kind.tags:
        others.add("Tags")
    others |= {name for other in kind.update for name in other["on"]}
    return names - others - set(step.get("except") or ())


def _part(step: Step, old: Known, new: Known) -> list[Call] | None:
    """Return the calls of a creation's step done anew for what it is about; None where that cannot be."""
    before = each(step, old) if applies(step, old) else []
    after = each(step, new) if applies(step, new) else []
    undo = step.get("undo")
    if undo is None:
        # What it sets it sets whole, so that it may be set again; it cannot be taken away.
        return [(step, one) for one in after] if step.get("whole") and after else None
    if "each" in step:
        kept, had = [one.each for one in after], [one.each for one in before]
        gone = [one for one in before if one.each not in kept]
        added = [one for one in after if one.each not in had]
    else:
        gone, added = (before if step.get("anew") or not after else []), after
    taken = [replace(one, identity=new.identity, result=new.result) for one in gone]
    if place := step.get("over"):
        covered = [filled(f"${place}", one) for one in added]
        taken = [one for one in taken if filled(f"${place}", one) not in covered]
    return [*((undo, one) for one in taken), *((step, one) for one in added)]


def _about(step: Step) -> str:
    """Return the property that a step of a creation is about; '' where it is about the whole."""
    return about(step.get("each") or step.get("when") or "")


def applies(step: Step, known: Known) -> bool:
    """Tell whether a step has the property without which it is left out, and not that with which it is."""
    name, other = step.get("when"), step.get("unless")
    is_wanted = name is None or filled(f"${name}", known) is not ABSENT
    return is_wanted and (other is None or filled(f"${other}", known) is ABSENT)


def each(step: Step, known: Known) -> list[Known]:
    """Return what a step is called with: once, or for every element of a list."""
    name = step.get("each")
    if name is None:
        return [known]
    every = filled(f"${name}", known)
    if every is ABSENT:
        return []
    return [replace(known, each=one) for one in (every if isinstance(every, list) else [every])]

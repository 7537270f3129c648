"""Steps of a type, performed: operations called as whoever the stack acts for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.operation_calls import OperationCalls
from sagehen.domain.ports.shapes import NoSuchMember, Shapes
from sagehen.domain.scope import Scope
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.requests import filled, request_of
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step

# As long as AWS waits for most resources (from memory).
_DEADLINE_S = 3600.0
_FIRST_S, _LONGEST_S = 0.1, 2.0
# Of an answer that is kept: a few attributes are read of it.
_MOST_KEPT = 32_768


class StepFailed(Exception):
    """An operation was refused or failed; the message is its own.

    Args:
        code: AWS's error code; '' where none was answered.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and where."""

    principal: Principal
    scope: Scope


class Steps:
    """Performs the steps of resource types.

    Args:
        calls: The platform's operations.
        shapes: Of their requests.
    """

    def __init__(self, calls: OperationCalls, shapes: Shapes) -> None:
        self._calls = calls
        self._shapes = shapes

    async def create(self, actor: Actor, kind: ResourceType, known: Known) -> Known:
        """Make a resource; return what is known of it then.

        Raises:
            StepFailed: With the `known` of what there is, as its `known`.
        """
        try:
            self._require_known(kind, known)
            for number, step in enumerate(kind.create):
                known = await self._step_of_creation(actor, kind, step, known, is_first=number == 0)
        except StepFailed as error:
            error.known = known  # type: ignore[attr-defined]
            raise
        return known if known.identity is not None else replace(known, identity=self._identity(kind, known))

    def _require_known(self, kind: ResourceType, known: Known) -> None:
        """Raise StepFailed for a property that no step would send: nothing is dropped in silence."""
        names = known.properties.keys() - kind.named_properties
        if rest := kind.takes_rest:
            names = {name for name in names if name.lower() not in self._shapes.members(*rest)}
        if names:
            raise StepFailed(f"Encountered unsupported property {min(names)}")

    async def _step_of_creation(
        self, actor: Actor, kind: ResourceType, step: Step, known: Known, *, is_first: bool
    ) -> Known:
        if not _applies(step, known):
            return known
        answer: Mapping[str, Any] = {}
        for one in _each(step, known):
            answer = await self.call(actor, kind, step, one)
        if is_first:
            result = _at(answer, step["result"]) if "result" in step else answer
            known = replace(known, result=_kept(result))
            known = replace(known, identity=self._identity(kind, known))
        if "wait" in step:
            await self._wait(actor, kind, step["wait"], known)
        return known

    async def update(self, actor: Actor, kind: ResourceType, old: Known, new: Known) -> None:
        """Change a resource in place; `changed.covers` said that this can be done.

        Raises:
            StepFailed
        """
        names = differing(old.properties, new.properties)
        for step in kind.update:
            wanted = set(step["on"])
            hit = names & wanted or ("*" in wanted and names - _in_steps(kind))
            if hit and _applies(step, new):
                for one in _each(step, new):
                    await self.call(actor, kind, step, one)
                if "wait" in step:
                    await self._wait(actor, kind, step["wait"], new)
        for step in kind.create[1:] if kind.create and not _is_spread(kind) else kind.create:
            name = step.get("each") or step.get("when")
            if name is None or name.split(".")[0] not in names:
                continue
            await self._change_part(actor, kind, step, old, new)

    async def _change_part(
        self, actor: Actor, kind: ResourceType, step: Step, old: Known, new: Known
    ) -> None:
        """Do a step of the creation anew for what it is about."""
        undo = step.get("undo")
        before = list(_each(step, old)) if _applies(step, old) else []
        after = list(_each(step, new)) if _applies(step, new) else []
        if "each" in step:
            kept = [one.each for one in after]
            gone = [one for one in before if one.each not in kept]
            added = [one for one in after if one.each not in [other.each for other in before]]
        else:
            gone, added = ([] if after else before), after
        for one in gone:
            if undo is not None:
                await self.call(actor, kind, undo, replace(one, identity=new.identity, result=new.result))
        for one in added:
            await self.call(actor, kind, step, one)

    async def delete(self, actor: Actor, kind: ResourceType, known: Known) -> None:
        """Delete a resource; what is gone already is gone.

        Raises:
            StepFailed
        """
        for step in kind.delete:
            if not _applies(step, known):
                continue
            for one in _each(step, known):
                try:
                    await self.call(actor, kind, step, one)
                except StepFailed as error:
                    if not _says_gone(kind, error):
                        raise
            if "wait" in step:
                await self._wait(actor, kind, step["wait"], known)

    async def call(self, actor: Actor, kind: ResourceType, step: Step, known: Known) -> Mapping[str, Any]:
        """Call a step's operation.

        Raises:
            StepFailed
        """
        service = step.get("service", kind.service)
        try:
            request = self._shapes.shaped(service, step["call"], request_of(kind, step, known))
            return await self._calls.call(actor.principal, actor.scope, service, step["call"], request)
        except ServiceError as error:
            raise StepFailed(
                f"{error.message} (Service: {service}, Code: {error.code})", error.code
            ) from None
        except AccessDenied as error:
            raise StepFailed(
                f"{error.message} (Service: {service}, Code: AccessDenied)", "AccessDenied"
            ) from None
        except NoSuchMember as error:
            raise StepFailed(f"Encountered unsupported property {error}") from None
        except ValueError as error:  # a conversion's
            raise StepFailed(f"Properties validation failed: {error}") from None

    def identity(self, kind: ResourceType, known: Known) -> str:
        """Return the physical id, which may be known before the resource is there."""
        return self._identity(kind, known)

    @staticmethod
    def _identity(kind: ResourceType, known: Known) -> str:
        value = filled(kind.identity, known)
        return "" if value is ABSENT else str(value)

    async def _wait(self, actor: Actor, kind: ResourceType, wait: Mapping[str, Any], known: Known) -> None:
        pause = _FIRST_S
        try:
            async with timeout(_DEADLINE_S):
                while not await self._is_reached(actor, kind, wait, known):
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, _LONGEST_S)
        except TimeoutError:
            raise StepFailed(f"Resource did not stabilize within {_DEADLINE_S:g} s.") from None

    async def _is_reached(
        self, actor: Actor, kind: ResourceType, wait: Mapping[str, Any], known: Known
    ) -> bool:
        try:
            answer = await self.call(actor, kind, wait, known)
        except StepFailed as error:
            if wait.get("gone") and _says_gone(kind, error):
                return True
            raise
        if wait.get("gone"):
            return False
        found = _at(answer, wait["path"])
        if found in wait.get("failed", ()):
            raise StepFailed(str(_at(answer, wait.get("reason", "")) or f"Resource is in state {found}"))
        if found not in wait["until"]:
            return False
        reached = wait.get("reached")
        if reached is not None and _at(answer, reached["path"]) != filled(reached["value"], known):
            raise StepFailed(str(_at(answer, wait.get("reason", "")) or "The update was rolled back."))
        return True


def differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Return the names of properties that two versions do not have alike."""
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def covers(kind: ResourceType, names: set[str]) -> bool:
    """Tell whether a type can change these properties in place; else the resource is replaced."""
    found: set[str] = set()
    for step in kind.update:
        found.update(step["on"])
    for step in kind.create if _is_spread(kind) else kind.create[1:]:
        name = step.get("each") or step.get("when")
        is_taken_back = "undo" in step or "each" not in step
        if name and is_taken_back and "." not in name:
            found.add(name)
    return ("*" in found and not names & _identifying(kind)) or names <= found


def _identifying(kind: ResourceType) -> set[str]:
    """Return properties that say which resource it is: a change of them is another resource."""
    found = {kind.naming["property"]} if kind.naming else set()
    for step in kind.delete:
        found.update(
            value[1:].split(".")[0].rpartition(":")[2]
            for value in (step.get("with") or {}).values()
            if isinstance(value, str) and value.startswith("$")
        )
    return found - {"id", "result", "each"}


def _is_spread(kind: ResourceType) -> bool:
    """Tell whether even the first step is one for each of a list: there is no resource of its own."""
    return bool(kind.create) and "each" in kind.create[0]


def _in_steps(kind: ResourceType) -> set[str]:
    found: set[str] = set()
    for step in (*kind.create[1:], *kind.update):
        found.update(name for name in (step.get("when"), step.get("each")) if name)
        found.update(name for name in step.get("on") or () if name != "*")
    return found


def _applies(step: Step, known: Known) -> bool:
    name = step.get("when")
    return name is None or filled(f"${name}", known) is not ABSENT


def _each(step: Step, known: Known) -> list[Known]:
    name = step.get("each")
    if name is None:
        return [known]
    every = filled(f"${name}", known)
    if every is ABSENT:
        return []
    return [replace(known, each=one) for one in (every if isinstance(every, list) else [every])]


def _says_gone(kind: ResourceType, error: StepFailed) -> bool:
    # SageMaker's ValidationException is also another one's: what is not there is told in its words.
    if error.code == "ValidationException":
        return error.code in kind.gone and "could not find" in str(error).lower()
    return error.code in kind.gone


def _at(answer: Any, path: str) -> Any:
    for part in path.split(".") if path else ():
        if isinstance(answer, list):
            answer = answer[int(part)] if int(part) < len(answer) else None
        else:
            answer = answer.get(part) if isinstance(answer, Mapping) else None
    return answer if path else None


def _kept(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of an answer is kept, as JSON can hold it."""
    found: dict[str, Any] = {}
    for name, value in answer.items():
        text = json.dumps(value, default=str)
        if len(text) <= _MOST_KEPT:
            found[name] = json.loads(text)
    return found

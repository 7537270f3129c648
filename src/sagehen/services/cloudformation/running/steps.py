"""Steps of a type, performed: operations called as whoever the stack acts for."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.calls.shapes import NoSuchMember, Shapes
from sagehen.domain.scope import Scope
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.running.changes import Call, applies, each
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.requests import filled, request_of
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step

_log = logging.getLogger(__name__)
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
            if kind.tags.get("after") and known.properties.get("Tags"):
                await self.call(actor, kind, kind.tags["set"], known)
        except StepFailed as error:
            error.known = known  # type: ignore[attr-defined]
            raise
        return known if known.identity is not None else replace(known, identity=self._identity(kind, known))

    def _require_known(self, kind: ResourceType, known: Known) -> None:
        """Raise StepFailed for a property that no step would send: nothing is dropped in silence."""
        updated = {name for step in kind.update for name in step["on"]}
        names = known.properties.keys() - kind.named_properties - updated
        if rest := kind.takes_rest:
            names = {name for name in names if name.lower() not in self._shapes.members(*rest)}
        if names:
            raise StepFailed(f"Encountered unsupported property {min(names)}")

    async def _step_of_creation(
        self, actor: Actor, kind: ResourceType, step: Step, known: Known, *, is_first: bool
    ) -> Known:
        if not applies(step, known):
            return known
        answer: Mapping[str, Any] = {}
        for one in each(step, known):
            answer = await self.call(actor, kind, step, one)
        if is_first:
            result = at(answer, step["result"]) if "result" in step else answer
            known = replace(known, result=kept(result))
            known = replace(known, identity=self._identity(kind, known))
        if "wait" in step:
            await self._wait(actor, kind, step["wait"], known)
        return replace(known, result={**known.result, **_to_keep(step, answer)})

    async def change(self, actor: Actor, kind: ResourceType, calls: Sequence[Call]) -> dict[str, Any]:
        """Change a resource in place, by what `changes` found; return what of the answers is kept.

        Raises:
            StepFailed
        """
        found: dict[str, Any] = {}
        for step, known in calls:
            found |= _to_keep(step, await self.call(actor, kind, step, known))
            if "wait" in step:
                await self._wait(actor, kind, step["wait"], known)
        return found

    async def delete(self, actor: Actor, kind: ResourceType, known: Known) -> None:
        """Delete a resource; what is gone already is gone.

        Raises:
            StepFailed
        """
        for step in kind.delete:
            if not applies(step, known) or not await self._is_about_it(actor, kind, step, known):
                continue
            for one in each(step, known):
                try:
                    await self.call(actor, kind, step, one)
                except StepFailed as error:
                    if not says_gone(kind, error):
                        raise
            if "wait" in step:
                await self._wait(actor, kind, step["wait"], known)

    async def _is_about_it(self, actor: Actor, kind: ResourceType, step: Step, known: Known) -> bool:
        """Tell whether a step of a deletion is still about this resource, and not one in its place."""
        only = step.get("only")
        if only is None:
            return True
        try:
            answer = await self.call(actor, kind, only, known)
        except StepFailed as error:
            if says_gone(kind, error):
                return False
            raise
        return bool(at(answer, only["path"]) == filled(only["is"], known))

    async def restore(self, actor: Actor, kind: ResourceType, known: Known) -> None:
        """Give a resource back what the one that was to replace it took over.

        Raises:
            StepFailed
        """
        for step in kind.restore:
            if applies(step, known):
                await self.call(actor, kind, step, known)

    async def call(self, actor: Actor, kind: ResourceType, step: Step, known: Known) -> Mapping[str, Any]:
        """Call a step's operation.

        Raises:
            StepFailed
        """
        service = step.get("service", kind.service)
        request = self._request(kind, step, known)
        try:
            return await self._calls.call(actor.principal, actor.scope, service, step["call"], request)
        except ServiceError as error:
            if error.code in step.get("ignored", ()):
                return {}
            raise StepFailed(
                f"{error.message} (Service: {service}, Code: {error.code})", error.code
            ) from None
        except AccessDenied as error:
            raise StepFailed(
                f"{error.message} (Service: {service}, Code: AccessDenied)", "AccessDenied"
            ) from None
        except Exception:
            # A defect of ours in some operation fails its resource, not the whole stack without a word.
            _log.exception("%s %s for a stack's resource", service, step["call"])
            raise StepFailed(f"Internal Failure (Service: {service})", "InternalFailure") from None

    def _request(self, kind: ResourceType, step: Step, known: Known) -> Mapping[str, Any]:
        """Return a step's request. StepFailed where the properties are not what their type has."""
        try:
            values = request_of(kind, step, known)
            return self._shapes.shaped(step.get("service", kind.service), step["call"], values)
        except NoSuchMember as error:
            raise StepFailed(f"Encountered unsupported property {error}") from None
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            # A conversion's: what stands in a template may have any form.
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
            if wait.get("gone") and says_gone(kind, error):
                return True
            raise
        if wait.get("gone"):
            return False
        found = at(answer, wait["path"])
        if found in wait.get("failed", ()):
            raise StepFailed(str(at(answer, wait.get("reason", "")) or f"Resource is in state {found}"))
        if found not in wait["until"]:
            return False
        reached = wait.get("reached")
        if reached is not None and at(answer, reached["path"]) != filled(reached["value"], known):
            raise StepFailed(str(at(answer, wait.get("reason", "")) or "The update was rolled back."))
        return True


def _to_keep(step: Step, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a step's answer stands beside what the first one answered."""
    if "keep" not in step:
        return {}
    return kept({step["keep"]: (at(answer, step["at"]) if "at" in step else answer) or {}})


def says_gone(kind: ResourceType, error: StepFailed) -> bool:
    """Tell whether an error says that there is no such resource."""
    # SageMaker's ValidationException is also another one's: what is not there is told in its words.
    if error.code == "ValidationException":
        return error.code in kind.gone and "could not find" in str(error).lower()
    return error.code in kind.gone


def at(answer: Any, path: str) -> Any:
    """Return what stands at a path of an answer, or None; numbers are places in lists."""
    for part in path.split(".") if path else ():
        if isinstance(answer, list):
            answer = answer[int(part)] if int(part) < len(answer) else None
        else:
            answer = answer.get(part) if isinstance(answer, Mapping) else None
    return answer if path else None


def kept(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an answer is kept, as JSON can hold it."""
    found: dict[str, Any] = {}
    for name, value in answer.items():
        text = json.dumps(value, default=str)
        if len(text) <= _MOST_KEPT:
            found[name] = json.loads(text)
    return found

"""Doing: a resource made, changed, deleted: by the operations of its type, or by what makes it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sagehen.domain.identity import root_principal
from sagehen.services.cloudformation.makers.contract import Job, MakerFailed
from sagehen.services.cloudformation.makers.creation_policies import wait_for_signals
from sagehen.services.cloudformation.running.calling import Actor, StepFailed
from sagehen.services.cloudformation.running.changes import Call
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import kind_of
from sagehen.services.cloudformation.types.tagging import system_tags

_log = logging.getLogger(__name__)


class Doing:
    """Works on one stack's resources; knows nothing of their rows.

    Args:
        actor: Who acts.
    """

    def __init__(self, tools: Tools, stack: Stack, actor: Actor) -> None:
        self._tools = tools
        self._stack = stack
        self._actor = actor

    def early_identity(self, resource: Resource, known: Known) -> str:
        """Return the physical id that a resource will have, where that is known before; else ''."""
        kind = kind_of(resource.type)
        if kind.made_by:
            return self._tools.makers[kind.made_by].identity(self._job(resource))
        return "" if "$result" in kind.identity else self._tools.steps.identity(kind, known)

    async def create(self, resource: Resource, known: Known, policy: Any = None) -> Known:
        """Make a resource.

        Args:
            resource: Its row, with what `early_identity` said.
            policy: Its CreationPolicy.

        Raises:
            StepFailed: With the `known` of what there is, as its `known`.
        """
        kind = kind_of(resource.type)
        if policy is not None:  # those of the one that it replaces say nothing of it
            await self._tools.signals.forget(self._stack.id, resource.logical_id)
        if not kind.made_by:
            made = await self._tools.steps.create(self._actor, kind, known)
            await self.mark(resource, made)
        else:
            made = replace(known, identity=resource.physical_id)
            try:
                made = await self._tools.makers[kind.made_by].create(self._job(resource), made)
            except MakerFailed as error:
                raise _failed(error, made) from None
        if policy is not None:
            try:
                await wait_for_signals(self._tools.signals, self._stack.id, resource.logical_id, policy)
            except MakerFailed as error:
                raise _failed(error, made) from None
        return made

    async def change(self, resource: Resource, calls: Sequence[Call], old: Known, new: Known) -> Known:
        """Change a resource in place; return what is known of it then.

        Args:
            calls: What `changes` found.

        Raises:
            StepFailed
        """
        kind = kind_of(resource.type)
        if not kind.made_by:
            found = await self._tools.steps.change(self._actor, kind, calls)
            return replace(new, result={**new.result, **found})
        try:
            return await self._tools.makers[kind.made_by].change(self._job(resource), old, new)
        except MakerFailed as error:
            raise StepFailed(str(error)) from None

    async def take_back(self, resource: Resource, calls: Sequence[Call], old: Known, new: Known) -> Known:
        """Change a resource back in place; return what is known of it then.

        Args:
            calls: What `changes` found.
            old: As it was to become.
            new: As it was before.

        Raises:
            StepFailed
        """
        kind = kind_of(resource.type)
        if not kind.made_by:
            return await self.change(resource, calls, old, new)
        try:
            return await self._tools.makers[kind.made_by].take_back(self._job(resource), old, new)
        except MakerFailed as error:
            raise StepFailed(str(error)) from None

    async def settle(self, resource: Resource, known: Known) -> None:
        """Let a change in place be final. StepFailed."""
        if made_by := kind_of(resource.type).made_by:
            try:
                await self._tools.makers[made_by].settle(self._job(resource), known)
            except MakerFailed as error:
                raise StepFailed(str(error)) from None

    async def delete(self, resource: Resource, known: Known) -> None:
        """Delete a resource. StepFailed where it cannot be."""
        kind = kind_of(resource.type)
        if not kind.made_by:
            await self._tools.steps.delete(self._actor, kind, known)
            return
        try:
            await self._tools.makers[kind.made_by].delete(self._job(resource), known)
        except MakerFailed as error:
            raise StepFailed(str(error)) from None

    async def restore(self, resource: Resource, known: Known) -> None:
        """Give a resource back what one in its place took over. StepFailed."""
        await self._tools.steps.restore(self._actor, kind_of(resource.type), known)

    async def mark(self, resource: Resource, known: Known) -> None:
        """Put CloudFormation's own tags on a resource: nobody's rights are asked, and nothing fails of it."""
        kind, logical_id = kind_of(resource.type), resource.logical_id
        if not kind.tags:
            return
        tags = system_tags(kind, known, self._stack.name, self._stack.arn, logical_id)
        platform = Actor(root_principal(self._stack.scope.account_id), self._stack.scope)
        try:
            await self._tools.steps.call(platform, kind, kind.tags["set"], tags)
        except StepFailed as error:  # a key's policy may shut everybody out; AWS's own handlers go on, too
            _log.info("%s of the stack %s has no tags of the stack: %s", logical_id, self._stack.name, error)

    def _job(self, resource: Resource) -> Job:
        return Job(
            self._stack.scope,
            self._stack.arn,
            self._stack.name,
            resource.logical_id,
            resource.type,
            self._actor.principal,
        )


def _failed(error: MakerFailed, known: Known) -> StepFailed:
    failed = StepFailed(str(error))
    failed.known = known  # type: ignore[attr-defined]
    return failed

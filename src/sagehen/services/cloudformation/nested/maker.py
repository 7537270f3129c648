"""Nested stacks: made, changed, taken back and deleted with the stack that they are resources of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.services.cloudformation.makers.contract import Job, MakerFailed
from sagehen.services.cloudformation.nested.placing import DEEPEST, drawn_arn
from sagehen.services.cloudformation.nested.wanting import Wanted, Wanting
from sagehen.services.cloudformation.running.runs import StackRuns
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.change_set_records import ChangeSetRecords
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import IN_PROGRESS, REVIEW, Stack, Version
from sagehen.services.cloudformation.stacks.updatable import require_updatable
from sagehen.services.cloudformation.types.known import Known


class NestedStacks:
    """Makes `AWS::CloudFormation::Stack`, with the rights of who acts for the stack around it."""

    def __init__(
        self,
        records: StackRecords,
        runs: StackRuns,
        wanting: Wanting,
        change_sets: ChangeSetRecords,
        clock: Clock,
    ) -> None:
        self._records = records
        self._runs = runs
        self._wanting = wanting
        self._change_sets = change_sets
        self._clock = clock

    def identity(self, job: Job) -> str:
        """See Maker: its ARN; the one that a change set has told already."""
        around = self._records.find(job.scope, job.stack_arn)
        reviewed = self._reviewed(job, around) if around is not None else None
        stack = self._records.find(job.scope, reviewed.stack_arn) if reviewed is not None else None
        if stack is not None and stack.status == REVIEW:
            return stack.arn
        return drawn_arn(job.scope, job.stack_name, job.logical_id)

    async def create(self, job: Job, known: Known) -> Known:
        """See Maker."""
        arn = str(known.identity)
        name, identity = arn.split("/")[-2:]
        parent = self._parent(job)
        reviewed = self._reviewed(job, parent)
        try:
            wanted = await self._wanted(job, arn, parent, reviewed, known.properties)
            stack = Stack(
                job.scope,
                identity,
                name,
                created_at=self._now(),
                status="CREATE_IN_PROGRESS",
                version=wanted.version,
                principal=parent.principal,
                # Its remains are deleted with it, or stay to be looked at, as the stack around it has it.
                on_failure="DO_NOTHING",
                spares_new=parent.spares_new,
                description=wanted.description,
                longest_min=wanted.longest_min,
                parent=parent.arn,
                root=parent.root or parent.arn,
            )
            await self._add(stack)
        except (ServiceError, AccessDenied) as error:
            raise MakerFailed(_words(error)) from None
        self._runs.start(stack)
        done = await self._runs.settled(stack)
        if done is None or done.status != "CREATE_COMPLETE":
            raise MakerFailed(f"Embedded stack {arn} was not successfully created: {_reason(done)}")
        return _known(known, done)

    async def change(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker. A stack in which nothing differs is left alone, and those nested in it."""
        stack, parent = self._require(job, old), self._parent(job)
        try:
            reviewed = self._reviewed(job, parent)
            wanted = await self._wanted(job, stack.arn, parent, reviewed, new.properties, stack)
            # A change set that looked inside has one of its own where something differs, however deep.
            may_differ = reviewed is not None or (wanted.version.nests and not parent.version.change_set)
            if stack.version.is_same_as(wanted.version) and not may_differ:
                return _known(replace(new, identity=old.identity), stack)

            def updating(current: Stack) -> Stack:
                require_updatable(current, "ROLLBACK")
                return replace(
                    current,
                    status="UPDATE_IN_PROGRESS",
                    reason=None,
                    version=wanted.version,
                    before=current.version,
                    updated_at=self._now(),
                    principal=parent.principal,
                    on_failure="ROLLBACK",
                    spares_new=parent.spares_new,
                    description=wanted.description,
                    held=True,
                )

            event = self._runs.tools.event(stack, "UPDATE_IN_PROGRESS", None)
            self._runs.start(await self._records.change(stack, updating, event))
        except (ServiceError, AccessDenied) as error:
            raise MakerFailed(_words(error)) from None
        done = await self._runs.settled(stack)
        if done is None or not done.is_held:
            status = done.status if done else "DELETE_COMPLETE"
            reason = self._records.reason_of(stack, "UPDATE_ROLLBACK_IN_PROGRESS")
            raise MakerFailed(
                f"Embedded stack {stack.arn} was not successfully updated. Currently in {status} with "
                f"reason: {reason}"
            )
        return _known(replace(new, identity=old.identity), done)

    async def take_back(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker: what was replaced is still there, and so the stack becomes exactly what it was."""
        stack = await self._runs.settled(self._require(job, old))
        if stack is not None and (stack.is_held or stack.status == "UPDATE_ROLLBACK_FAILED"):
            status = "UPDATE_ROLLBACK_IN_PROGRESS"
            stack = await self._go_on(stack, status, lambda current: replace(current, status=status))
        if stack is None or stack.status in IN_PROGRESS or stack.status.endswith("ROLLBACK_FAILED"):
            raise MakerFailed(f"Embedded stack {old.identity} was not taken back: {_reason(stack)}")
        return _known(replace(new, identity=old.identity), stack)

    async def settle(self, job: Job, known: Known) -> None:
        """See Maker: what the update replaced is deleted now."""
        stack = self._records.find(job.scope, str(known.identity))
        if stack is not None and stack.is_held:
            await self._go_on(stack, stack.status, lambda current: replace(current, held=False))

    async def delete(self, job: Job, known: Known) -> None:
        """See Maker."""
        stack = self._records.find(job.scope, str(known.identity))
        stack = await self._runs.settled(stack) if stack is not None else None
        if stack is None or stack.is_deleted:
            return
        try:
            self._wanting.authorize(job, "DeleteStack", stack.arn, {})
            self._records.require_not_imported(stack)
        except (ServiceError, AccessDenied) as error:
            raise MakerFailed(_words(error)) from None
        status, parent = "DELETE_IN_PROGRESS", self._parent(job)
        role = parent.version.role_arn
        done = await self._go_on(
            stack,
            status,
            lambda current: replace(
                current,
                status=status,
                held=False,
                principal=parent.principal,
                version=replace(current.version, role_arn=role),
            ),
        )
        if done is not None and not done.is_deleted:
            raise MakerFailed(f"Embedded stack {stack.arn} was not successfully deleted: {_reason(done)}")

    # --- what they share -------------------------------------------------------------------

    async def _wanted(
        self,
        job: Job,
        arn: str,
        parent: Stack,
        reviewed: ChangeSet | None,
        properties: Mapping[str, Any],
        stack: Stack | None = None,
    ) -> Wanted:
        """Return what properties want, of the template that a change set saw where it looked inside."""
        seen = None
        if reviewed is not None:
            seen = Version(**reviewed.version).given
        elif parent.version.change_set and stack is not None:  # it saw that nothing changes in here
            seen = stack.version.given
        wanted = await self._wanting.of(job, arn, parent, properties, stack, template=seen)
        return replace(wanted, version=replace(wanted.version, change_set=reviewed.arn if reviewed else ""))

    async def _add(self, stack: Stack) -> None:
        event = self._runs.tools.event(stack, stack.status, None)
        if self._records.find(stack.scope, stack.arn) is None:
            await self._records.add(stack, event)
        else:  # a change set told it
            await self._records.change(stack, lambda _: stack, event)

    def _reviewed(self, job: Job, parent: Stack) -> ChangeSet | None:
        """Return the change set of a nested stack where the one around it is carried out with those."""
        of = parent.version.change_set
        return self._change_sets.child(of, job.logical_id) if of else None

    async def _go_on(self, stack: Stack, status: str, change: Callable[[Stack], Stack]) -> Stack | None:
        event = self._runs.tools.event(stack, status, None)
        self._runs.start(await self._records.change(stack, change, event))
        return await self._runs.settled(stack)

    def _parent(self, job: Job) -> Stack:
        """Return the stack around a nested one. MakerFailed where it is too deep."""
        parent = self._records.find(job.scope, job.stack_arn)
        assert parent is not None, "a stack's rows stay while something goes on in it"
        around, depth = parent, 1
        while around.parent is not None and depth <= DEEPEST:
            above = self._records.find(job.scope, around.parent)
            if above is None:
                break
            around, depth = above, depth + 1
        if depth > DEEPEST:
            raise MakerFailed(f"Stacks are nested {DEEPEST} deep at most.")
        return parent

    def _require(self, job: Job, known: Known) -> Stack:
        stack = self._records.find(job.scope, str(known.identity))
        if stack is None or stack.is_deleted:
            raise MakerFailed(f"Embedded stack {known.identity} does not exist.")
        return stack

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _known(known: Known, stack: Stack) -> Known:
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.outputs}
    return replace(known, result={"StackId": stack.arn, "Outputs": outputs})


def _words(error: ServiceError | AccessDenied) -> str:
    code = error.code if isinstance(error, ServiceError) else "AccessDenied"
    return f"{error.message} (Service: cloudformation, Code: {code})"


def _reason(stack: Stack | None) -> str:
    return str((stack.reason if stack else None) or (stack.status if stack else "it is gone"))

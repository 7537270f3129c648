"""Change sets: made, executed, deleted."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.cloudformation.acceptance import check_request, on_failure_of
from sagehen.services.cloudformation.change_sets.hierarchy import Hierarchy
from sagehen.services.cloudformation.change_sets.rules import (
    arn_of,
    changed,
    require_executable,
    require_root,
)
from sagehen.services.cloudformation.change_sets.working_out import with_changes
from sagehen.services.cloudformation.errors import TransformFailed
from sagehen.services.cloudformation.nested.wanting import Wanting
from sagehen.services.cloudformation.operations.change_set_views import KnowsChangeSets
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.operations.stacks import Stacks
from sagehen.services.cloudformation.running.runs import StackRuns
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks import callers
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.change_set_records import ChangeSetRecords
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import REVIEW, Stack, Version
from sagehen.services.cloudformation.stacks.updatable import require_updatable
from sagehen.services.cloudformation.versions import Versions


class ChangeSets(KnowsChangeSets):
    """CreateChangeSet, ExecuteChangeSet, DeleteChangeSet."""

    def __init__(
        self,
        records: StackRecords,
        change_sets: ChangeSetRecords,
        stacks: Stacks,
        runs: StackRuns,
        sources: Sources,
        versions: Versions,
        wanting: Wanting,
        clock: Clock,
    ) -> None:
        super().__init__(records, change_sets)
        self._stacks = stacks
        self._runs = runs
        self._sources = sources
        self._versions = versions
        self._wanting = wanting
        self._clock = clock

    @operation("CreateChangeSet", access=on_stack)
    async def create_change_set(self, context: RequestContext, request: Request) -> Request:
        """Tell what a new version would change; of a stack that is not there yet, all of it.

        Raises:
            ValidationError, AlreadyExistsException, InsufficientCapabilitiesException,
            NotImplementedOperation.
        """
        check_request("CreateChangeSet", request)
        stack = self._records.find(context.scope, request["StackName"])
        before = changed(stack, request)
        previous = before.version.given if before else None
        template = await self._sources.template(context.principal, request, previous)
        refused = None
        try:
            version = await self._versions.wanted(context, request, template, before, reviewed=True)
        except TransformFailed as error:  # as on AWS: the change set tells it, as the CLI's waiter does
            version, refused = Version("", original=template.text), error.message
        if stack is None:
            stack = self._stacks.new(context, request, template, version, REVIEW)
            await self._records.add(stack, self._runs.tools.event(stack, REVIEW, "User Initiated"))
        change_set = self._new(stack, request, version, template.description)
        hierarchy = Hierarchy(self._records, self._runs.tools, self._wanting)
        if refused is not None:
            change_set = replace(change_set, status="FAILED", execution="UNAVAILABLE", reason=refused)
        else:
            # What is there is looked for with the rights of whoever asks now.
            asking = replace(stack, principal=callers.kept(context.principal))
            if change_set.nested:
                change_set = await hierarchy.worked_out(asking, version, change_set)
            else:
                change_set = await with_changes(self._records, self._runs.tools, asking, version, change_set)
        branches = hierarchy.branches if change_set.status != "FAILED" else ()
        await self._change_sets.add(stack, change_set, branches)
        return {"Id": arn_of(stack, change_set), "StackId": stack.arn}

    @operation("ExecuteChangeSet", access=on_stack)
    async def execute_change_set(self, context: RequestContext, request: Request) -> Request:
        """Begin what a change set tells.

        Raises:
            ChangeSetNotFound.
            InvalidChangeSetStatus: It cannot be executed, or was.
        """
        check_request("ExecuteChangeSet", request)
        stack, change_set = self.find(context, request)
        require_root(change_set)
        on_failure = "DO_NOTHING" if request.get("DisableRollback") else change_set.on_failure
        version = Version(**change_set.version)

        def executing(current: ChangeSet) -> ChangeSet:
            require_executable(stack, current)
            return replace(current, execution="EXECUTE_IN_PROGRESS")

        is_new = stack.status == REVIEW
        if not is_new:
            require_updatable(stack, on_failure if change_set.kind == "UPDATE" else "ROLLBACK")
        await self._change_sets.change(stack, change_set.name, executing)
        if change_set.kind == "UPDATE":
            await self._stacks.begin_update(
                context, request, stack, version, change_set.stack_description, on_failure
            )
        else:
            status = f"{change_set.kind}_IN_PROGRESS"

            def creating(current: Stack) -> Stack:
                if current.status != REVIEW:
                    require_updatable(current, "ROLLBACK")
                return replace(
                    current,
                    status=status,
                    reason="User Initiated",
                    version=version,
                    before=None if is_new else current.version,
                    principal=callers.kept(context.principal),
                    on_failure=on_failure,
                    spares_new=not request.get("RetainExceptOnCreate"),
                    description=change_set.stack_description,
                    token=request.get("ClientRequestToken"),
                )

            event = self._runs.tools.event(stack, status, "User Initiated")
            self._runs.start(await self._records.change(stack, creating, event))
        # Documented: all others of the stack are deleted with it. Those beneath it are still carried out.
        await self._change_sets.remove(stack, executed=change_set.arn)
        return {}

    @operation("DeleteChangeSet", access=on_stack)
    async def delete_change_set(self, context: RequestContext, request: Request) -> Request:
        """Forget a change set; one that is not there is no fault."""
        stack = self.stack_of(context, request)
        if stack is not None:
            for one in self._change_sets.all(stack):
                if request["ChangeSetName"] in (one.name, arn_of(stack, one)):
                    require_root(one)
                    await self._change_sets.remove(stack, one.name)
        return {}

    def _new(self, stack: Stack, request: Request, version: Version, stack_description: str) -> ChangeSet:
        name, identity = request["ChangeSetName"], str(uuid.uuid4())
        return ChangeSet(
            name=name,
            id=identity,
            arn=stack.scope.arn("cloudformation", f"changeSet/{name}/{identity}"),
            stack_arn=stack.arn,
            created_at=self._clock.now().timestamp(),
            kind=request.get("ChangeSetType", "UPDATE"),
            status="CREATE_COMPLETE",
            execution="AVAILABLE",
            version=asdict(version),
            description=request.get("Description") or "",
            on_failure=on_failure_of(request),
            token=request.get("ClientToken"),
            stack_description=stack_description,
            nested=bool(request.get("IncludeNestedStacks")),
            takes_over=bool(request.get("ImportExistingResources")),
            wanted=[dict(one) for one in request.get("ResourcesToImport") or ()],
        )

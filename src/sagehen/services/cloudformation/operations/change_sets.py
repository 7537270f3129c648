"""Change sets: made, looked at, executed, deleted."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import paginate
from sagehen.domain.clock import Clock
from sagehen.services.cloudformation import description
from sagehen.services.cloudformation.acceptance import check_request, on_failure_of
from sagehen.services.cloudformation.change_sets.hierarchy import Hierarchy
from sagehen.services.cloudformation.change_sets.telling import shown
from sagehen.services.cloudformation.change_sets.working_out import with_changes
from sagehen.services.cloudformation.errors import (
    InvalidChangeSetStatus,
    TransformFailed,
    ValidationError,
)
from sagehen.services.cloudformation.nested.wanting import Wanting
from sagehen.services.cloudformation.operations.rights import on_stack
from sagehen.services.cloudformation.operations.stacks import Stacks
from sagehen.services.cloudformation.running.runs import StackRuns
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks import callers
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.change_set_records import ChangeSetRecords
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import REVIEW, UPDATABLE, Stack, Version
from sagehen.services.cloudformation.versions import Versions

_PAGE = 100


class ChangeSets:
    """CreateChangeSet, DescribeChangeSet, ExecuteChangeSet, DeleteChangeSet, ListChangeSets."""

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
        self._records = records
        self._change_sets = change_sets
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
        before = _changed(stack, request)
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
        return {"Id": _arn(stack, change_set), "StackId": stack.arn}

    @operation("DescribeChangeSet", access=on_stack)
    async def describe_change_set(self, context: RequestContext, request: Request) -> Request:
        """Return a change set. ChangeSetNotFound where there is none."""
        stack, change_set = self._find(context, request)
        with_values = bool(request.get("IncludePropertyValues"))
        page = paginate(
            list(enumerate(change_set.changes)),
            key=lambda pair: pair[0],
            token=request.get("NextToken"),
            limit=_PAGE,
            listing=f"changes {change_set.id}",
            error=ValidationError,
        )
        version = Version(**change_set.version)
        return {
            **_summary(stack, change_set),
            "Parameters": description.parameters_told(version),
            "Capabilities": list(version.capabilities),
            "Tags": list(version.tags),
            "NotificationARNs": [],
            "RollbackConfiguration": {},
            "ImportExistingResources": change_set.takes_over,
            "OnStackFailure": change_set.on_failure,
            "DeploymentConfig": {
                "Mode": "STANDARD",
                "DisableRollback": change_set.on_failure == "DO_NOTHING",
            },
            "Changes": [shown(change, with_values=with_values) for _, change in page.items],
            "NextToken": page.next_token,
        }

    @operation("ExecuteChangeSet", access=on_stack)
    async def execute_change_set(self, context: RequestContext, request: Request) -> Request:
        """Begin what a change set tells.

        Raises:
            ChangeSetNotFound.
            InvalidChangeSetStatus: It cannot be executed, or was.
        """
        check_request("ExecuteChangeSet", request)
        stack, change_set = self._find(context, request)
        _require_root(change_set)
        on_failure = "DO_NOTHING" if request.get("DisableRollback") else change_set.on_failure
        version = Version(**change_set.version)

        def executing(current: ChangeSet) -> ChangeSet:
            if current.execution != "AVAILABLE":
                raise InvalidChangeSetStatus(
                    f"ChangeSet [{_arn(stack, current)}] cannot be executed in its current status of "
                    f"[{current.status}]"
                )
            return replace(current, execution="EXECUTE_IN_PROGRESS")

        is_new = stack.status == REVIEW
        if not is_new and stack.status not in UPDATABLE:
            raise ValidationError(f"Stack:{stack.arn} is in {stack.status} state and can not be updated.")
        await self._change_sets.change(stack, change_set.name, executing)
        if change_set.kind == "UPDATE":
            await self._stacks.begin_update(
                context, request, stack, version, change_set.stack_description, on_failure
            )
        else:
            status = f"{change_set.kind}_IN_PROGRESS"

            def creating(current: Stack) -> Stack:
                if current.status not in (REVIEW, *UPDATABLE):
                    raise ValidationError(
                        f"Stack:{current.arn} is in {current.status} state and can not be updated."
                    )
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
                if request["ChangeSetName"] in (one.name, _arn(stack, one)):
                    _require_root(one)
                    await self._change_sets.remove(stack, one.name)
        return {}

    @operation("ListChangeSets", access=on_stack)
    async def list_change_sets(self, context: RequestContext, request: Request) -> Request:
        """Return a page of a stack's change sets, the newest first. ValidationError without a stack."""
        stack = self._records.require(context.scope, request["StackName"])
        page = paginate(
            sorted(self._change_sets.all(stack), key=lambda one: (-one.created_at, one.name)),
            key=lambda one: (-one.created_at, one.name),
            token=request.get("NextToken"),
            limit=_PAGE,
            listing=f"change sets {stack.id}",
            error=ValidationError,
        )
        return {"Summaries": [_summary(stack, one) for one in page.items], "NextToken": page.next_token}

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

    def stack_of(self, context: RequestContext, request: Request) -> Stack | None:
        """Return the stack that a request is about; None where it names none, or none that there is."""
        if name := request.get("StackName"):
            return self._records.find(context.scope, name)
        arn = self._change_sets.stack_of(context.scope, request.get("ChangeSetName") or "")
        return self._records.find(context.scope, arn) if arn else None

    def _find(self, context: RequestContext, request: Request) -> tuple[Stack, ChangeSet]:
        stack = self.stack_of(context, request)
        if stack is None:
            raise ValidationError(f"Stack [{request.get('StackName')}] does not exist")
        return stack, self._change_sets.require(stack, request["ChangeSetName"])


def _changed(stack: Stack | None, request: Request) -> Stack | None:
    """Return the stack that a new change set changes; None where it makes one.

    Raises:
        ValidationError: Its type does not go with what is there, or with what it is to import.
    """
    kind = request.get("ChangeSetType", "UPDATE")
    if bool(request.get("ResourcesToImport")) != (kind == "IMPORT"):
        raise ValidationError("ResourcesToImport are for change sets of type IMPORT, and those need them.")
    if kind == "IMPORT" and request.get("IncludeNestedStacks"):
        raise ValidationError("IncludeNestedStacks is not for change sets of type IMPORT.")
    if kind == "UPDATE" and (stack is None or stack.is_deleted):
        raise ValidationError(f"Stack [{request['StackName']}] does not exist")
    if kind == "CREATE" and stack is not None and stack.status != REVIEW:
        raise ValidationError(
            f"Stack [{stack.name}] already exists and cannot be created again with the changeSet"
        )
    if kind == "UPDATE" and request.get("OnStackFailure") == "DELETE":
        raise ValidationError("OnStackFailure DELETE is only valid for change sets of type CREATE.")
    is_there = stack is not None and not stack.is_deleted and stack.status != REVIEW
    return stack if kind == "UPDATE" or (kind == "IMPORT" and is_there) else None


def _require_root(change_set: ChangeSet) -> None:
    """Refuse to do with a nested stack's change set what is done with the root's (documented)."""
    if change_set.parent:
        raise ValidationError(
            f"ChangeSet [{change_set.arn}] belongs to the nested change set [{change_set.root}]: only the "
            "root change set can be executed or deleted."
        )


def _arn(stack: Stack, change_set: ChangeSet) -> str:
    return stack.scope.arn("cloudformation", f"changeSet/{change_set.name}/{change_set.id}")


def _summary(stack: Stack, change_set: ChangeSet) -> dict[str, Any]:
    return {
        "ChangeSetName": change_set.name,
        "ChangeSetId": _arn(stack, change_set),
        "StackId": stack.arn,
        "StackName": stack.name,
        "Description": change_set.description or None,
        "CreationTime": description.moment(change_set.created_at),
        "ExecutionStatus": change_set.execution,
        "Status": change_set.status,
        "StatusReason": change_set.reason,
        "IncludeNestedStacks": change_set.nested,
        "ParentChangeSetId": change_set.parent or None,
        "RootChangeSetId": change_set.root or None,
    }

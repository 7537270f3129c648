"""Stack and Resource: one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sagehen.domain.scope import Scope

# Documented: Stack status codes. While a stack is in one of these, something goes on.
IN_PROGRESS = (
    "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS", "IMPORT_ROLLBACK_IN_PROGRESS",
)  # fmt: skip
# There is no stack yet, only change sets that would make it.
REVIEW = "REVIEW_IN_PROGRESS"
# Stacks in these may be updated.
UPDATABLE = (
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)  # fmt: skip
# What failed and was left as it was (DisableRollback): an update goes on from there.
FAILED = ("CREATE_FAILED", "UPDATE_FAILED")
# Resources in these were never there, or not all of them.
UNMADE = ("CREATE_FAILED", "CREATE_IN_PROGRESS")


@dataclass(frozen=True, slots=True)
class Version:
    """What a stack is, or was before an update: everything that an update may change.

    Args:
        template: As it is carried out.
        original: As it was given, where macros made another of it; else ''.
        resolved: Name of a parameter of Systems Manager -> its value, as it was when the operation began.
        hidden: Names of the parameters whose values are shown to nobody (NoEcho).
        zones: Availability zones of all regions whose zones the template asks for.
        imports: Logical id -> the physical id of what is there already and becomes the stack's.
        change_set: ARN of the one that it is of, where that has others for what is nested.
        outputs: The template's section, so that what differs can be told without reading it again.
        nests: Its template has nested stacks: whether something changes in these is seen when it is tried.
    """

    template: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[Mapping[str, str]] = ()
    role_arn: str | None = None
    capabilities: Sequence[str] = ()
    resolved: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    outputs: Any = None
    zones: Sequence[str] = ()
    imports: Mapping[str, str] = field(default_factory=dict)
    original: str = ""
    change_set: str = ""
    nests: bool = False

    @property
    def secrets(self) -> list[str]:
        """Values that nobody is shown."""
        return [self.parameters[name] for name in self.hidden]

    def is_same_as(self, other: Version) -> bool:
        """Tell whether nothing of what makes its own resources differs."""
        mine = (self.template, self.parameters, list(self.tags), self.role_arn, self.resolved)
        return mine == (
            *(other.template, other.parameters, list(other.tags), other.role_arn, other.resolved),
        )

    @property
    def given(self) -> str:
        """The template as it was given."""
        return self.original or self.template


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack.

    Args:
        id: The last part of its ARN: of a name there may be many, of which all but one are deleted.
        version: As it is, or is on its way to be.
        before: During an update: what it is taken back to; None where there never was a whole one.
        principal: Who asked for what goes on, as `callers.py` keeps it.
        on_failure: `ROLLBACK`, `DELETE` or `DO_NOTHING`.
        retained: Logical ids that a deletion leaves alone.
        protected: EnableTerminationProtection.
        skipped: Logical ids that taking an update back leaves as they are.
        spares_new: What a failed operation made stays where its DeletionPolicy is Retain: without
            RetainExceptOnCreate.
        longest_min: TimeoutInMinutes of its creation.
        parent, root: ARNs of the stack that it is nested in, and of the outermost one.
        policy: What updates may change, as JSON; '' where it has none.
        policy_now: The one that holds during this update.
        goes_on: Its update goes on from what failed and was left: rows have what was before all of it.
        held: Its update can still be taken back by the stack that it is nested in.
        outputs: `{"OutputKey", "OutputValue", "Description", "ExportName"}`.
    """

    scope: Scope
    id: str
    name: str
    created_at: float
    status: str
    version: Version
    reason: str | None = None
    updated_at: float | None = None
    deleted_at: float | None = None
    before: Version | None = None
    principal: Mapping[str, Any] = field(default_factory=dict)
    on_failure: str = "ROLLBACK"
    retained: Sequence[str] = ()
    protected: bool = False
    outputs: Sequence[Mapping[str, str]] = ()
    description: str = ""
    token: str | None = None
    skipped: Sequence[str] = ()
    spares_new: bool = True
    longest_min: int | None = None
    parent: str | None = None
    root: str | None = None
    held: bool = False
    goes_on: bool = False
    policy: str = ""
    policy_now: str = ""

    @property
    def is_held(self) -> bool:
        """Whether it is up to the stack that it is nested in what comes next."""
        return self.held and self.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"

    @property
    def arn(self) -> str:
        return self.scope.arn("cloudformation", f"stack/{self.name}/{self.id}")

    @property
    def is_deleted(self) -> bool:
        return self.status == "DELETE_COMPLETE"

    def at(self, status: str, reason: str | None = None) -> Stack:
        """Return it with another status."""
        return replace(self, status=status, reason=reason)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack.

    Args:
        physical_id: '' until there is one.
        properties: Evaluated, as it was made or last changed.
        result: What the first step of its creation answered, without what is large. Of an access key it has
            the secret, which Fn::GetAtt gives for good; IAM, which checks signatures with it, keeps it in
            the same database, which only its owner may read.
        needs: Logical ids that it was made of: those are deleted after it.
        before: During an update, where it was changed: `physical_id`, `properties`, `result`.
        is_new: During an update: it was made by it.
        is_imported: It was there before the stack: taking its creation back leaves it.
        policy: DeletionPolicy.
        replace_policy: UpdateReplacePolicy.
    """

    logical_id: str
    type: str
    status: str
    at: float
    physical_id: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    needs: Sequence[str] = ()
    reason: str | None = None
    before: Mapping[str, Any] | None = None
    is_new: bool = False
    policy: str = "Delete"
    replace_policy: str = "Delete"
    is_imported: bool = False

"""ChangeSet: one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One change set.

    Args:
        version: Of the stack, once it is executed: the fields of `Version`.
        kind: `CREATE`, `UPDATE` or `IMPORT`.
        changes: As DescribeChangeSet tells them, with all values.
        nested: IncludeNestedStacks.
        wanted: ResourcesToImport.
        takes_over: ImportExistingResources.
        arn, stack_arn: Its own, and its stack's.
        parent, root: ARNs of the change set of the stack around its own, and of the outermost one; '' where
            it is that.
        logical_id: Of its stack among the resources of the one around it.
    """

    name: str
    id: str
    created_at: float
    kind: str
    status: str
    execution: str
    version: Mapping[str, Any]
    description: str = ""
    reason: str | None = None
    changes: Sequence[Mapping[str, Any]] = ()
    on_failure: str = "ROLLBACK"
    token: str | None = None
    stack_description: str = ""
    capabilities: Sequence[str] = field(default_factory=tuple)
    nested: bool = False
    takes_over: bool = False
    wanted: Sequence[Mapping[str, Any]] = ()
    arn: str = ""
    stack_arn: str = ""
    parent: str = ""
    root: str = ""
    logical_id: str = ""

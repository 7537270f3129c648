"""Source: where the things of one resource are found, and what of a search a table can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.domain.scope import Scope

# Columns of times, by which tables are in order, too: members of a List operation are named after them.
CREATED, MODIFIED = "CreationTime", "LastModifiedTime"
# A column of names: a List operation's NameContains.
NAME = "Name"
# Behind this prefix properties are tags.
TAGS = "Tags"
TIMES = {"CreationTime": CREATED, "LastModifiedTime": MODIFIED}

# (scope, members of a List operation) -> the ARN of each thing, and what is told of it. In a thread.
Look = Callable[[Scope, Mapping[str, Any]], Iterable[tuple[str, Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where one resource is found.

    Args:
        look: Yields what there is, or fewer things, but all that satisfy the members that it is given.
        columns: Property -> CREATED, MODIFIED, NAME, or the member that asks for one value of it; TAGS -> the
            member that asks for one tag, a pair of key and value.
        sort_by: By which property results are in order where a search does not say.
    """

    look: Look
    columns: Mapping[str, str] = field(default_factory=dict)
    sort_by: str = MODIFIED

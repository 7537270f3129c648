"""Resources that are nothing but the request that made them: models, endpoint configurations.

What is kept is the request as it came, plus AWS's own facts, so that Describe can answer with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import cannot_create_existing
from sagehen.services.sagemaker.resources.named_records import NamedRecords
from sagehen.services.sagemaker.resources.rows import key, moment, scope_of, to_json
from sagehen.store.database import Database

# Of one kind, for an account in a region. Ours: AWS names no quota of them; each may have 100 kB.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """One such resource: CreateX's request, unchanged but for AWS's defaults."""

    scope: Scope
    name: str
    created_at: datetime
    request: Mapping[str, Any] = field(repr=False)

    @property
    def arn(self) -> str:
        raise NotImplementedError


R = TypeVar("R", bound=KeptRequest)


class KeptRequests(NamedRecords[R]):
    """Reads and writes of one table of them, the newest first.

    Args:
        table: Has the columns of `rows.KEY`, created_at and request, in this order.
        kind: As AWS words it in errors: `model`.
        make: The record's class.
    """

    def __init__(
        self,
        database: Database,
        *,
        table: str,
        kind: str,
        make: Callable[[Scope, str, datetime, Mapping[str, Any]], R],
    ) -> None:
        super().__init__(
            database,
            table,
            values=_values,
            read=lambda row: make(
                scope_of(row), row["name"], moment(row["created_at"]), json.loads(row["request"])
            ),
            taken=lambda record: cannot_create_existing(kind, record.arn),
            most=MOST,
            quota=f"Total number of {kind}s",
        )

    async def delete(self, scope: Scope, name: str) -> bool:
        """Remove a record and its tags; return whether there was one."""
        record = self.get(scope, name)
        return record is not None and await self.remove(record)


def _values(record: KeptRequest) -> tuple[str | float, ...]:
    return (*key(record.scope, record.name), record.created_at.timestamp(), to_json(record.request))

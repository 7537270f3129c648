"""Found: one kind of thing, from its table to what Search is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.arns import resource_arn
from sagehen.services.sagemaker.resources.listing import TAGGED
from sagehen.services.sagemaker.search.document import Document
from sagehen.services.sagemaker.search.source import CREATED, MODIFIED, TAGS, Source

# What is looked at first is mostly all that is needed; where it is not, long pages cost less.
_FIRST_PAGE, _PAGE = 100, 1000


class _HasArn(Protocol):
    @property
    def arn(self) -> str: ...


R = TypeVar("R", bound=_HasArn)


@dataclass(frozen=True, slots=True)
class Found(Generic[R]):
    """One kind of thing.

    Args:
        pages: (scope, a List operation's input) -> a page of records, and the next token.
        told: What is told of one.
        columns, sort_by: As Source has them.
        kind: In ARNs that end in the name which their tables have; '' where others do.
    """

    pages: Callable[[Scope, Mapping[str, Any]], tuple[list[R], str | None]]
    told: Callable[[R], Document]
    columns: Mapping[str, str]
    sort_by: str = MODIFIED
    kind: str = ""

    def source(self, tags: ResourceTags) -> Source:
        """Return where Search finds them."""
        columns = {**self.columns, TAGS: TAGGED} if self.kind else self.columns
        return Source(partial(self._each, tags), columns, self.sort_by)

    def _each(
        self, tags: ResourceTags, scope: Scope, members: Mapping[str, Any]
    ) -> Iterator[tuple[str, Document]]:
        token: str | None = None
        most = _FIRST_PAGE
        request = {"SortBy": CREATED, "SortOrder": "Descending", **members}
        if TAGGED in members:
            request[TAGGED] = (resource_arn(scope, self.kind, ""), *members[TAGGED])
        while True:
            records, token = self.pages(scope, {**request, "MaxResults": most, "NextToken": token})
            for record in records:
                document = self.told(record)
                document.add("Tags", partial(listed, tags, record.arn))
                yield record.arn, document
            if token is None:
                return
            most = _PAGE


def listed(tags: ResourceTags, arn: str) -> list[dict[str, str]] | None:
    """Return the tags of an ARN as descriptions list them; None where there are none."""
    return [{"Key": key, "Value": value} for key, value in tags(arn).items()] or None

"""Asking AWS's operations inside the platform, in somebody's name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope

# Pages of a listing that are turned: of 100 items each, where the operation lets us say so.
_MOST_PAGES = 10


class Ask(Protocol):
    """One operation of AWS's after another, each with the rights of `principal`."""

    @property
    def principal(self) -> Principal: ...

    @property
    def scope(self) -> Scope: ...

    @property
    def now(self) -> datetime:
        """The platform's clock."""
        ...

    def allows(self, action: str, resource: str) -> bool:
        """Tell whether the principal may do something, without a trace of the question."""
        ...

    async def call(self, service: str, name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the operation answers.

        Raises:
            AccessDenied: The principal may not.
            ServiceError: The operation's own.
        """
        ...


@dataclass(slots=True)
class Seen:
    """What was found out, and what not.

    Args:
        ask: How.
        hidden: Operations that were refused, as `sagemaker:ListEndpoints`.
        cut: Listings that were longer than what is read of any.
    """

    ask: Ask
    hidden: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)

    def allows(self, action: str, resource: str = "*") -> bool:
        """Tell whether something may be seen that is no operation's answer."""
        allowed = self.ask.allows(action, resource)
        if not allowed:
            self.hidden.add(action)
        return allowed

    async def one(self, service: str, name: str, **request: Any) -> Mapping[str, Any]:
        """Return an operation's answer, or nothing where it is refused or what it is about is gone."""
        try:
            return await self.ask.call(service, name, request)
        except AccessDenied:
            self.hidden.add(f"{service}:{name}")
        except ServiceError:
            pass
        return {}

    async def all(
        self,
        service: str,
        name: str,
        member: str,
        *,
        mark: str = "NextToken",
        sent: str = "",
        **request: Any,
    ) -> list[Any]:
        """Return the items of a listing, page after page.

        Args:
            member: Of the answer, which holds the items.
            mark: Of the answer, which leads to the next page.
            sent: Of the next request, where it has another name.
        """
        items: list[Any] = []
        for _ in range(_MOST_PAGES):
            answer = await self.one(service, name, **request)
            items += answer.get(member) or ()
            following = answer.get(mark)
            if not following:
                return items
            request[sent or mark] = following
            await asyncio.sleep(0)
        self.cut.add(f"{service}:{name}")
        return items

    async def each(
        self, service: str, name: str, requests: Sequence[Mapping[str, Any]]
    ) -> list[Mapping[str, Any]]:
        """Return the answers to several requests of one operation, in their order."""
        answers = []
        for request in requests:
            answers.append(await self.one(service, name, **request))
            await asyncio.sleep(0)
        return answers

    def lacks(self) -> dict[str, list[str]]:
        """Return what a document says of its own gaps."""
        return {"hidden": sorted(self.hidden), "cut": sorted(self.cut)}

"""A plan that somebody asks to be rehearsed: one at a time, in a process of its own, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.console.documents.asking import Ask
from sagehen.console.documents.rehearsal.bounded import LONGEST_PLAN
from sagehen.domain.own_processes import NoAnswer, answer_of

# Of a machine that is busy: the process itself ends after a minute of one core.
_PATIENCE_S = 150.0
_MOST_BYTES = 16 << 20

Answer = Callable[[str], Awaitable[Mapping[str, Any]]]


class RehearsalTooLong(ServiceError):
    """It did not end in its time."""


class TooManyRehearsals(ServiceError):
    """Another one goes on."""

    status = 429


async def answered_aside(plan: str) -> Mapping[str, Any]:
    """Rehearse a plan in a process of its own.

    Raises:
        NoAnswer: It took too long, or too much memory.
    """
    script = Path(__file__).parent / "aside.py"
    return await answer_of(
        script, {"plan": plan}, patience_s=_PATIENCE_S, most_bytes=_MOST_BYTES, packages=True
    )


class Rehearsals:
    """Makes the document.

    Args:
        answer: Rehearses a plan.
    """

    def __init__(self, answer: Answer = answered_aside) -> None:
        self._answer = answer
        self._one = asyncio.Lock()

    async def __call__(self, ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what comes of `?plan=TEXT`: docs/rehearse.md has the members.

        Raises:
            ValidationException: The plan is missing, too long, or wrong: with line and field.
            TooManyRehearsals, RehearsalTooLong
        """
        plan = query.get("plan", "")
        if not plan or len(plan) > LONGEST_PLAN:
            raise ValidationException(f"A plan of 1 to {LONGEST_PLAN} characters: ?plan=TEXT")
        if self._one.locked():
            raise TooManyRehearsals("Another rehearsal goes on; this machine does one at a time.")
        async with self._one:
            try:
                found = await self._answer(plan)
            except NoAnswer:
                raise RehearsalTooLong(
                    "It took more than a minute of a processor, or a gigabyte: make the traffic shorter or "
                    "name fewer candidates, or take the time with `sagehen rehearse`."
                ) from None
        if "refused" in found:
            raise ValidationException(found["refused"])
        return found

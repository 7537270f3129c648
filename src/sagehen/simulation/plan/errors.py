"""PlanError: what is wrong with a plan, and where."""

from __future__ import annotations


class PlanError(ValueError):
    """A plan that cannot be rehearsed; its text names line and field."""

    def __init__(self, reason: str, *, field: str = "", line: int | None = None) -> None:
        self.reason, self.field, self.line = reason, field, line
        place = ", ".join(part for part in (f"line {line}" if line is not None else "", field) if part)
        super().__init__(f"{place}: {reason}" if place else reason)

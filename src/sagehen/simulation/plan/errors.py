"""PlanError: what is wrong with a plan, and where."""

from __future__ import annotations


class PlanError(ValueError):
    """A plan that cannot be rehearsed; its text names line and field."""

    def __init__(self, reason: str, *, field: str = "", line: int | None = None) -> None:
        # A plan's own words are in them, which must not steer the terminal that shows them.
        reason, field = (
            "".join(one if one.isprintable() else "\ufffd" for one in text) for text in (reason, field)
        )
        self.reason, self.field, self.line = reason, field, line
        place = ", ".join(part for part in (f"line {line}" if line is not None else "", field) if part)
        super().__init__(f"{place}: {reason}" if place else reason)

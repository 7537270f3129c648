"""Requests in the form of AWS's models, made of documents that spell things otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class NoSuchMember(Exception):
    """A member that the request cannot have, or a value of another type; the message names it."""


class Shapes(Protocol):
    """The shapes of operations' requests."""

    def shaped(
        self, service: str, operation: str, values: Mapping[str, Any], *, beside: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """Return a request of the very members and types of the model.

        Members are found whatever their case, "5" and "true" become what the model wants, and so down into
        structures, lists and maps.

        Args:
            beside: Names at the top that are not meant for this request, and are left out.

        Raises:
            NoSuchMember
        """
        ...

    def members(self, service: str, operation: str) -> frozenset[str]:
        """Return the lower-cased names of the members at the top."""
        ...

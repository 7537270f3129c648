"""Asking: who wants a template processed, and what macros are told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.templates.context import Context


@dataclass(frozen=True, slots=True)
class Asking:
    """One template's processing.

    Args:
        texts: The parameters' values, for macros that evaluate them.
        context: The same values and the pseudo parameters, for functions in macros' parameters.
        text_at: Reads a file of S3 with the caller's rights. Raises ServiceError.
    """

    principal: Principal
    scope: Scope
    texts: Mapping[str, str]
    context: Context
    text_at: Callable[[str], Awaitable[str]]

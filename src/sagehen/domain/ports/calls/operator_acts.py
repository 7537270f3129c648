"""Acts of the operator, who owns the machine: what AWS's API has no call for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sagehen.domain.scope import Scope

# (the account whose root asks, with the region that was signed for; a JSON object) -> a JSON object. What it
# raises of ServiceErrors is told to the operator.
OperatorAct = Callable[[Scope, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

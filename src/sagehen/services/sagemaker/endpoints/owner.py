"""Owner: whose instances run, in whose name they log and keep files: an endpoint, an inference component."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sagehen.domain.scope import Scope


class Owner(Protocol):
    """See the module's text."""

    @property
    def scope(self) -> Scope: ...
    @property
    def name(self) -> str: ...
    @property
    def arn(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def log_group(self) -> str: ...

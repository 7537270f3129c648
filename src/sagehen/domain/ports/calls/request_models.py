"""What requests may hold, for who stores parts of such as are made later. Between services and protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class RequestModels(Protocol):
    """The models of operations' inputs."""

    def fault(
        self, service: str, operation: str, value: Any, is_free: Callable[[Any], bool]
    ) -> tuple[str, ...] | None:
        """Return what of a value no request of an operation could have; None where there is nothing.

        Args:
            service: botocore's name.
            value: Members of a request; what it lacks is no fault.
            is_free: Whether a part stands for something that is known later.

        Returns:
            The name of a member that the model does not have; or the name of an enum's shape, the value that
            is none of its own, and those that are.
        """
        ...

"""Served: what an instance is to serve, whoever asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Served(Protocol):
    """A model with what runs it; see `endpoints.endpoint.EndpointVariant`."""

    @property
    def instance_type(self) -> str: ...
    @property
    def image(self) -> str: ...
    @property
    def environment(self) -> Mapping[str, str]: ...
    @property
    def network_isolation(self) -> bool: ...
    @property
    def in_vpc(self) -> bool:
        """Whether it has a VpcConfig: then it reaches AWS's services, and no other host."""
        ...

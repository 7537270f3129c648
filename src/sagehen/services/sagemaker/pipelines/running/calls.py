"""Calls of SageMaker's operations with the rights of a pipeline's role, as anybody else would make them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.calls.service_calls import ServiceCalls
from sagehen.domain.ports.identity.roles import Roles, RoleSession
from sagehen.services.sagemaker.pipelines.definition.retrying import (
    RESOURCE_LIMIT,
    SERVICE_FAULT,
    THROTTLING,
)
from sagehen.services.sagemaker.roles import sessions

_THROTTLED = ("ThrottlingException", "Throttling", "TooManyRequestsException", "ServiceUnavailable")
_LARGE_BYTES = 64 << 10


class CallFailed(Exception):
    """What an operation answered instead.

    Args:
        called: `sagemaker:CreateTrainingJob`.
    """

    def __init__(self, called: str, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.called = called
        self.code = code
        self.message = message
        self.status = status

    @property
    def reason(self) -> str:
        """As a step's failure reason words it. Recorded: public reports of executions."""
        fault = "ClientError" if self.status < 500 or self.status == 501 else "InternalServerError"
        return f"{fault}: Failed to invoke {self.called}. Error Details: {self.message}"

    @property
    def exception(self) -> str:
        """The exception type of retry policies; '' where there is none for it."""
        if self.code in _THROTTLED or self.status == 429:
            return THROTTLING
        if self.code == "ResourceLimitExceeded":
            return RESOURCE_LIMIT
        return SERVICE_FAULT if self.status >= 500 and self.status != 501 else ""


class RoleCalls:
    """Calls operations.

    Attributes:
        calls: Set by `app` once the front door exists.
    """

    def __init__(self, roles: Roles, clock: Clock) -> None:
        self.calls: ServiceCalls | None = None
        self._sessions = KeptSessions(roles, clock, sessions.SERVICE, sessions.SESSION_NAME)

    async def session(self, role_arn: str) -> RoleSession:
        """Return a session of a role, which has most of its time left.

        Raises:
            CallFailed: The role is gone, or does not trust SageMaker.
        """
        try:
            return await self._sessions.of(role_arn)
        except AccessDenied as error:
            raise CallFailed("sts:AssumeRole", "AccessDenied", error.message, 403) from None

    async def call(
        self, role_arn: str, region: str, operation: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Call an operation of SageMaker's; return its answer, times as numbers.

        Raises:
            CallFailed
        """
        assert self.calls is not None, "the front door is not connected"
        session = await self.session(role_arn)
        status, _, body = await self.calls.call(
            host=f"api.sagemaker.{region}.amazonaws.com",
            signing_name="sagemaker",
            region=region,
            credentials=session.credentials,
            method="POST",
            target="/",
            headers={
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"SageMaker.{operation}",
                "user-agent": "pipelines.sagemaker.amazonaws.com",
            },
            body=json.dumps(request).encode(),
        )
        answer = await _read(body)
        if status >= 300:
            code = str(answer.get("__type", "")).rpartition("#")[2]
            message = str(answer.get("message") or answer.get("Message") or code)
            raise CallFailed(f"sagemaker:{operation}", code, message, status)
        return answer


async def _read(body: bytes) -> dict[str, Any]:
    try:
        read = (
            read_json(body or b"{}") if len(body) < _LARGE_BYTES else await asyncio.to_thread(read_json, body)
        )
    except NotJson:
        return {}
    return read if isinstance(read, dict) else {}

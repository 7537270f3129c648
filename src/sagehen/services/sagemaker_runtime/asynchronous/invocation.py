"""Invoking: one attempt at an asynchronous request, from its input in S3 to its answer there."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker_runtime.asynchronous.answer import spool
from sagehen.services.sagemaker_runtime.asynchronous.input import input_of
from sagehen.services.sagemaker_runtime.asynchronous.metrics import Measured
from sagehen.services.sagemaker_runtime.asynchronous.outcome import Failed, Lost
from sagehen.services.sagemaker_runtime.asynchronous.records import QueuedRequest
from sagehen.services.sagemaker_runtime.error_text import text_of_error
from sagehen.services.sagemaker_runtime.model_error import BROKEN_OFF, TIMED_OUT, model_error
from sagehen.services.sagemaker_runtime.surroundings import Surroundings
from sagehen.serving.attempt import Attempt
from sagehen.serving.body import Body, BodyChanged
from sagehen.serving.connection import ConnectionClosed
from sagehen.serving.directory import ServedEndpoint
from sagehen.serving.errors import InvocationFailed, InvocationTimeout, ReplicaLost
from sagehen.serving.router import WeightedVariant
from sagehen.serving.stream import ReplicaStream

# Of a container's error.
_MOST_ERROR_BYTES = 1024 * 1024


class Invoking:
    """Asks instances, with the rights of their role in S3.

    Args:
        folder: For answers on their way.
    """

    def __init__(self, surroundings: Surroundings, roles: KeptSessions, folder: Path) -> None:
        self._objects = surroundings.objects
        self._roles = roles
        self._folder = folder

    async def invoke(
        self, endpoint: ServedEndpoint, variant: str, queued: QueuedRequest, measured: Measured
    ) -> str:
        """Bring the input, ask an instance, store the answer; return the instance.

        Args:
            measured: Gets what it takes.

        Raises:
            Failed: For good.
            Lost: It is to be asked again.
        """
        assert endpoint.router is not None
        served = endpoint.router.variants[variant]
        file = self._folder / str(queued.sequence)
        deadline = time.monotonic() + queued.request.timeout_s
        try:
            async with timeout(queued.request.timeout_s):
                body = await self._input(served, queued, measured)
                began = time.monotonic()
                stream = await self._ask(endpoint, variant, queued, body, deadline)
                content_type = await self._receive(endpoint, queued, stream, file, measured)
                measured.model_s = time.monotonic() - began
        except TimeoutError:
            raise Failed(self._told(endpoint, queued, 0, TIMED_OUT)) from None
        else:
            await self._store(served, queued, file, content_type, measured)
            return stream.head.replica_id
        finally:
            await asyncio.to_thread(file.unlink, True)

    async def _input(self, served: WeightedVariant, queued: QueuedRequest, measured: Measured) -> Body:
        if queued.body is not None:
            return queued.body
        request, began = queued.request, time.monotonic()
        try:
            session = await self._roles.of(served.role_arn)
            body = await input_of(self._objects, session.principal, request.bucket, request.key)
        except (AccessDenied, NoSuchObject, ServiceError) as error:
            measured.download_failed = True
            # The words are from memory.
            raise Failed(f"Failed to download s3://{request.bucket}/{request.key}: {error}") from None
        measured.download_s = time.monotonic() - began
        return body

    async def _ask(
        self, endpoint: ServedEndpoint, variant: str, queued: QueuedRequest, body: Body, deadline: float
    ) -> ReplicaStream:
        assert endpoint.router is not None
        try:
            _, stream = await endpoint.router.invoke_stream(
                queued.request.headers, body, variant, Attempt(deadline, moved=True)
            )
        except InvocationTimeout:
            raise Failed(self._told(endpoint, queued, 0, TIMED_OUT)) from None
        except ReplicaLost as lost:
            raise Lost(str(lost), counts=True) from None
        except InvocationFailed as failure:  # there is nobody, or it is being deleted: the queue decides
            raise Lost(str(failure), counts=False) from None
        except (BodyChanged, AccessDenied, NoSuchObject) as error:  # it was another when it was read
            raise Failed(f"The request's payload cannot be read: {error}") from None
        return stream

    async def _receive(
        self,
        endpoint: ServedEndpoint,
        queued: QueuedRequest,
        stream: ReplicaStream,
        file: Path,
        measured: Measured,
    ) -> str:
        head = stream.head
        measured.status = head.status
        try:
            if head.status >= 400:
                payload = await text_of_error(stream, _MOST_ERROR_BYTES)
                told = self._told(endpoint, queued, head.status, payload[:4096].decode("utf-8", "replace"))
                raise Failed(told, payload, head.headers.get("content-type", "text/plain"))
            await spool(stream.parts(), file)
        except ConnectionClosed:
            raise Lost(BROKEN_OFF, counts=True) from None
        finally:
            stream.close()
        return head.headers.get("content-type", "application/octet-stream")

    async def _store(
        self,
        served: WeightedVariant,
        queued: QueuedRequest,
        file: Path,
        content_type: str,
        measured: Measured,
    ) -> None:
        bucket, key = queued.request.output
        began = time.monotonic()
        try:
            await self.upload(served.role_arn, bucket, key, file, content_type, queued.request.kms_key_id)
        except (AccessDenied, NoSuchObject, ServiceError) as error:
            measured.upload_failed = True
            raise Failed(f"Failed to upload the response to s3://{bucket}/{key}: {error}") from None
        measured.upload_s = time.monotonic() - began

    async def store_error(self, role_arn: str, queued: QueuedRequest, failure: Failed) -> None:
        """Store an error where failures go, if there is such a place.

        Raises:
            AccessDenied, NoSuchObject, ServiceError: It cannot be.
        """
        request = queued.request
        if request.failure is None:
            return
        file = self._folder / f"{queued.sequence}-error"
        try:
            await asyncio.to_thread(file.write_bytes, failure.payload)
            await self.upload(role_arn, *request.failure, file, failure.content_type, request.kms_key_id)
        finally:
            await asyncio.to_thread(file.unlink, True)

    async def upload(
        self, role_arn: str, bucket: str, key: str, file: Path, content_type: str, kms_key_id: str | None
    ) -> None:
        """Store a file with the rights of a role.

        Raises:
            AccessDenied, NoSuchObject, ServiceError.
        """
        session = await self._roles.of(role_arn)
        await self._objects.upload(
            session.principal, bucket, key, file, content_type=content_type, kms_key_id=kms_key_id
        )

    def _told(self, endpoint: ServedEndpoint, queued: QueuedRequest, status: int, text: str) -> str:
        return model_error(queued.endpoint.scope, endpoint.name, status, text).message

"""PublicS3: whose bucket a host or a request names, and the way to AWS for those that are not here."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Collection

from sagehen.domain.ports.storage.buckets import BucketDirectory
from sagehen.gateway.outside.internet import Internet
from sagehen.gateway.outside.reading import BadAnswer, Reading
from sagehen.gateway.outside.tunnel import TunnelRefused, connect
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.s3.addressing import Target
from sagehen.gateway.s3.public.leaving import may_leave, may_leave_unsigned, passed_headers
from sagehen.gateway.s3.public.samples import is_read_by, is_sample
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.identification.host_names import aws_s3_host

logger = logging.getLogger("sagehen.gateway")

# Where the SageMaker SDK reports its use, with the account id, and without a working time limit in v2. It is
# answered here, as a bucket that is not there: where the door refuses, v2 prints a traceback each time.
_TELEMETRY = re.compile(r"sm-pysdk-t-[a-z0-9-]+")
# us-east-1 still holds buckets of the first years: capitals, underscores, up to 255 characters.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,254}")
_HANDSHAKE_S = 20.0  # ours, as of the proxy door


class PublicS3:
    """The buckets of the real AWS, for who only reads: without signing, or AWS's own ones for samples.

    Args:
        buckets: Those that are here.
        internet: The way out.
        own_ports: Where the platform listens itself.
        enabled: False keeps everything here: `sagehen up --public-s3 off`.
    """

    def __init__(
        self, buckets: BucketDirectory, internet: Internet, own_ports: Collection[int], *, enabled: bool
    ) -> None:
        self._buckets = buckets
        self._internet = internet
        self._own_ports = own_ports
        self._enabled = enabled

    def is_elsewhere(self, host: str) -> bool:
        """Tell whether a host name is that of a bucket which is the real AWS's."""
        found = aws_s3_host(host) if self._enabled else None
        return found is not None and found.bucket is not None and self._is_real(found.bucket)

    async def answer(self, incoming: Incoming, target: Target) -> HttpResponse | None:
        """Pass a request on to AWS; None for everything that is to be answered here.

        Raises:
            Refusal: AWS cannot be reached.
        """
        if not (self._enabled and incoming.proxied and may_leave(incoming)):
            return None
        port = 443 if incoming.secure else 80
        if aws_s3_host(incoming.host_name) is None or not self._is_real(target.bucket):
            return None
        if incoming.host.lower() not in (incoming.host_name, f"{incoming.host_name}:{port}"):
            return None
        return await self._pass_on(incoming, target.bucket, incoming.host, port, incoming.path)

    async def sample(self, incoming: Incoming, target: Target, operation: str) -> HttpResponse | None:
        """Read one of AWS's own public buckets for somebody who may, and whose signature stays here.

        Returns:
            None for every other bucket, and for all that does more than read.

        Raises:
            Refusal: AWS cannot be reached.
        """
        bucket = target.bucket
        if not (self._enabled and is_sample(bucket) and self._is_real(bucket)):
            return None
        if not (is_read_by(operation) and may_leave_unsigned(incoming)):
            return None
        # In whatever region it is: its name leads there.
        path = target.path.removeprefix(f"/{bucket}") or "/"
        return await self._pass_on(incoming, bucket, f"{bucket}.s3.amazonaws.com", 443, path)

    async def _pass_on(
        self, incoming: Incoming, bucket: str, host: str, port: int, path: str
    ) -> HttpResponse:
        logger.info("passed on to AWS: %s %s%s", incoming.method, host, path)
        query = f"?{incoming.query}" if incoming.query else ""
        try:
            reading = await self._connect(host.partition(":")[0], port)
            return await reading.send(incoming.method, path + query, host, passed_headers(incoming))
        except (TunnelRefused, BadAnswer, OSError, TimeoutError) as error:
            raise Refusal(
                "BadGateway",
                f"The bucket {bucket} does not exist here, so this request was passed on to AWS, "
                f"which could not be asked: {error}",
                502,
            ) from error

    def _is_real(self, bucket: str) -> bool:
        return (
            _BUCKET.fullmatch(bucket) is not None
            and not _TELEMETRY.match(bucket)
            and self._buckets.owner(bucket) is None
        )

    async def _connect(self, host: str, port: int) -> Reading:
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        # Nobody serves AWS's names from this machine: the rule of sandboxes serves all.
        transport, protocol = await connect(
            host,
            port,
            internet=self._internet,
            is_local=False,
            own_ports=self._own_ports,
            factory=lambda: asyncio.StreamReaderProtocol(reader),
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        if port == 443:
            try:
                tls = await asyncio.to_thread(lambda: self._internet.tls)
                await writer.start_tls(tls, server_hostname=host, ssl_handshake_timeout=_HANDSHAKE_S)
            except BaseException:
                transport.abort()
                raise
        return Reading(reader, writer)

"""FrontDoorSettings: where the door listens, and the limits that keep one client from holding it up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FrontDoorSettings:
    """How the front door behaves.

    Args:
        data_folder: The platform's data folder; the local CA lives in `ca/` below it.
        host: Address to listen on, in plain HTTP.
        others: Addresses to listen on with TLS, for other machines. One that means all of this machine's
            takes the place of `host`: it hears what comes over loopback as well.
        port: TCP port; 0 takes a free one.
        version: Sagehen's version, as the health page tells it.
        default_region: Where a request names no region (unsigned, or signed the old way).
        clock_check: Refuse signatures whose time is more than 15 minutes off.
        allow_reset: Open `POST /_sagehen/reset` on the main listener, for loopback peers only.
        public_s3: Let what is read of buckets that are not here go to the real AWS, unsigned.
        max_header_bytes: Request line and headers together; beyond it 431. AWS's own limits lie between
            8 kB (S3 user metadata 2 kB) and 16 kB; presigned URLs with session tokens reach 4 kB.
        max_body_bytes: Bodies held in memory (everything but streaming payloads); beyond it 413.
            The largest of AWS's that is documented is API Gateway's, 10 MB; but Lambda's requests bring code.
        max_connections: Open connections over all listeners, tunnels included; beyond it 503 at once.
            Each may need two descriptors: the far end of a tunnel, the instance behind an invocation.
        max_sandbox_connections: The same for one sandbox's network, be it of a job with many hosts; a
            pool of boto3 keeps ten.
        header_timeout_s: From the first byte of a request (or the connection's start) to its last header.
        idle_timeout_s: How long a kept-alive connection may be silent.
        body_grace_s: How long a body may be slower than `body_min_rate` before it is broken off.
        body_min_rate: Bytes per second, averaged over `body_grace_s`, that a client must send.
        write_stall_s: How long a client may leave its response unread.
        tunnel_idle_s: How long a tunnel may be silent in both directions.
    """

    data_folder: Path
    host: str = "127.0.0.1"
    others: tuple[str, ...] = ()
    port: int = 4566
    version: str = "0"
    default_region: str = "us-east-1"
    clock_check: bool = True
    allow_reset: bool = False
    public_s3: bool = True
    max_header_bytes: int = 32 * 1024
    max_body_bytes: int = 32 * 1024 * 1024
    max_connections: int = 4096
    max_sandbox_connections: int = 256
    header_timeout_s: float = 20.0
    idle_timeout_s: float = 75.0
    body_grace_s: float = 20.0
    body_min_rate: int = 1024
    write_stall_s: float = 120.0
    tunnel_idle_s: float = 600.0

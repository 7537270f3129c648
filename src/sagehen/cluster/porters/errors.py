"""error_of(error): what went wrong on a node, as the platform reads it: of S3, of a bound, of the machine."""

from __future__ import annotations

import errno
import os
import ssl
from pathlib import Path
from typing import Any

from sagehen.archives.bounds import TooMuch
from sagehen.archives.tar import UnusableArchive
from sagehen.cluster.porters.objects.fetching import ObjectRefused
from sagehen.cluster.streams import StreamRefused
from sagehen.incoming.failures import PipeFailed


def error_of(error: Exception) -> dict[str, Any]:
    """Return an error as a line says it."""
    if isinstance(error, ObjectRefused):
        return {
            "status": error.refused.status,
            "code": error.refused.code,
            "message": error.refused.message,
            "bucket": error.wanted.bucket,
            "key": error.wanted.key,
        }
    if isinstance(error, PipeFailed):
        return {"pipe": str(error)}
    if isinstance(error, UnusableArchive):
        return {"unusable": str(error)}
    if isinstance(error, TooMuch):
        return {"too_much": str(error)}
    if isinstance(error, StreamRefused | ssl.SSLError):
        return {"errno": errno.ECONNRESET, "message": str(error)}
    if isinstance(error, OSError):
        name = None if error.filename is None else Path(os.fsdecode(error.filename)).name
        return {
            "errno": error.errno or errno.ECONNRESET,
            "message": error.strerror or str(error),
            "name": name,
        }
    return {"errno": errno.EIO, "message": f"{type(error).__name__}: {error}"}

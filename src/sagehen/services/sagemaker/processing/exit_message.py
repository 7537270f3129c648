"""What containers leave in /opt/ml/output/message: ExitMessage.

Documented (Save and access metadata information about your processing job): the first KB of the file; of
several containers one after the other, cut at 1 KB; the job fails where it is no UTF-8.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from pathlib import Path

from sagehen.executors.folders.job import HostFolder

_BYTES = 1024


class NotUtf8(Exception):
    """A message is no UTF-8; it says whose."""


def message_of(host: HostFolder) -> Path:
    """Return where a host leaves its message."""
    return host.output / "message"


def exit_message(hosts: Sequence[HostFolder]) -> str | None:
    """Return what the hosts have left, or None. Blocking; nothing of the job runs any more.

    Raises:
        NotUtf8
    """
    message = "".join(_of(host) for host in hosts)
    cut = message.encode()[:_BYTES].decode("utf-8", "ignore")
    return cut or None


def _of(host: HostFolder) -> str:
    file = host.open_file(message_of(host))
    if file is None:
        return ""
    with os.fdopen(file, "rb") as opened:
        content = opened.read(_BYTES)
        is_whole = not opened.read(1)
    try:  # a character that the limit cuts in two is no fault
        return codecs.getincrementaldecoder("utf-8")().decode(content, final=is_whole)
    except UnicodeDecodeError:
        raise NotUtf8(f"The exit message of {host.root.name} is not UTF-8 encoded") from None

"""Several hosts: those after the first send their shards to it, and it trains on all of them.

What AWS's algorithms do step by step on all hosts, one does here: the model is that of the whole, and a
job's hosts are on one machine, or on few.
"""

from __future__ import annotations

import io
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples, UnreadableExamples, joined
from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError

_PORT = 29_600
# Its hosts begin together; what lies between them is the time that they take to read.
_DEADLINE_S = 1800.0
_RETRY_S = 0.2
_LENGTH = struct.Struct("<Q")
Found = Mapping[str, Examples | None]


def gathered(environment: TrainingEnvironment, own: Found, sharded: Sequence[str]) -> Found | None:
    """Return all channels, with the shards of every host; None on those that sent theirs away.

    Raises:
        ToolkitError: A host did not come, or the shards do not fit one another.
    """
    hosts, first = environment.hosts, environment.hosts[0]
    if len(hosts) == 1:
        return own
    mine = {name: own[name] for name in sharded if own[name] is not None}
    if environment.current_host != first:
        if sharded:
            _send(first, _packed(mine))
        return None
    parts: dict[str, list[Examples]] = {name: [part] for name, part in own.items() if part is not None}
    if sharded:
        for theirs in _received(first, len(hosts) - 1):
            for name, part in theirs.items():
                parts.setdefault(name, []).append(part)
    try:
        return {name: joined(parts[name]) if name in parts else None for name in own}
    except UnreadableExamples as error:
        raise ToolkitError(f"The hosts' shards do not fit one another: {error}") from None


def _send(host: str, content: bytes) -> None:
    deadline = time.monotonic() + _DEADLINE_S
    while True:
        try:
            with socket.create_connection((host, _PORT), timeout=30) as peer:
                peer.settimeout(_DEADLINE_S)
                peer.sendall(_LENGTH.pack(len(content)) + content)
                if peer.recv(1) == b"+":
                    return
        except OSError as error:
            if time.monotonic() > deadline:
                raise ToolkitError(f"{host} takes no examples: {error}") from None
        time.sleep(_RETRY_S)


def _received(host: str, hosts: int) -> list[dict[str, Examples]]:
    deadline = time.monotonic() + _DEADLINE_S
    found = []
    with socket.create_server((host, _PORT), backlog=hosts) as server:
        for _ in range(hosts):
            server.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                peer, _ = server.accept()
                with peer, peer.makefile("rb") as reader:
                    peer.settimeout(_DEADLINE_S)
                    [length] = _LENGTH.unpack(_exactly(reader, _LENGTH.size))
                    found.append(_unpacked(_exactly(reader, length)))
                    peer.sendall(b"+")
            except OSError as error:
                raise ToolkitError(f"A host did not send its examples: {error}") from None
    return found


def _exactly(reader: Any, size: int) -> bytes:
    content: bytes = reader.read(size)
    if len(content) < size:
        raise OSError("the connection ended early")
    return content


def _packed(channels: Mapping[str, Examples | None]) -> bytes:
    import numpy as np

    arrays: dict[str, Any] = {}
    for name, part in channels.items():
        if part is None:
            continue
        if hasattr(part.features, "toarray"):
            rows = part.features.tocsr()
            arrays |= {f"{name}.data": rows.data, f"{name}.indices": rows.indices}
            arrays |= {f"{name}.indptr": rows.indptr, f"{name}.shape": np.array(rows.shape)}
        else:
            arrays[f"{name}.rows"] = part.features
        if part.labels is not None:
            arrays[f"{name}.labels"] = part.labels
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def _unpacked(content: bytes) -> dict[str, Examples]:
    import numpy as np
    from scipy.sparse import csr_matrix

    found = {}
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        for name in {key.partition(".")[0] for key in arrays.files}:
            if f"{name}.rows" in arrays.files:
                features = arrays[f"{name}.rows"]
            else:
                parts = tuple(arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
                features = csr_matrix(parts, shape=tuple(arrays[f"{name}.shape"]))
            labels = arrays[f"{name}.labels"] if f"{name}.labels" in arrays.files else None
            found[name] = Examples(features, labels)
    return found

"""The peer: mosec, whose front is a Rust HTTP server before Python workers. BENCH_HANDLER as above."""

from __future__ import annotations

import importlib
import os
from typing import Any

from mosec import Server, Worker

_handler = importlib.import_module(f"benchmarks.servers.{os.environ['BENCH_HANDLER']}")


class Inference(Worker):  # type: ignore[misc]
    """One request after the other, bytes in and bytes out."""

    def __init__(self) -> None:
        super().__init__()
        self._model = _handler.load()

    def deserialize(self, data: bytes) -> bytes:
        return data

    def serialize(self, data: bytes) -> bytes:
        return data

    def forward(self, data: Any) -> Any:
        """Answer one request, or a batch where mosec was told to form them."""
        if isinstance(data, list):
            return _handler.predict_batch(self._model, data)
        return _handler.predict(self._model, data)


if __name__ == "__main__":
    server = Server()
    batch = int(os.environ.get("BENCH_BATCH", "1"))
    server.append_worker(
        Inference,
        num=int(os.environ["BENCH_WORKERS"]),
        max_batch_size=batch,
        max_wait_time=2 if batch > 1 else 0,
        route="/invocations",
    )
    server.run()

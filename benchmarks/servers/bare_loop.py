"""What people write instead of a transform job: `python -m benchmarks.servers.bare_loop FROM TO BATCH`."""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

import torch

from benchmarks.servers import image_hooks as hooks


def main(source: Path, target: Path, size: int) -> None:
    """Answer every file of a folder, in batches, with one thread; print the seconds that it took."""
    torch.set_num_threads(1)
    model = hooks.model_fn("")
    names = iter(sorted(path.name for path in source.iterdir()))
    began = time.perf_counter()
    while batch := list(itertools.islice(names, size)):
        inputs = [hooks.input_fn((source / name).read_bytes(), "image/jpeg") for name in batch]
        for name, scores in zip(batch, hooks.predict_batch_fn(inputs, model), strict=True):
            (target / f"{name}.out").write_text(hooks.output_fn(scores, "application/json")[0])
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))

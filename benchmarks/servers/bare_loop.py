"""What people write instead of a transform job: `python -m ...bare_loop MODEL FROM TO BATCH`."""

from __future__ import annotations

import importlib
import itertools
import sys
import time
from pathlib import Path

import torch


def main(folder: Path, source: Path, target: Path, size: int) -> None:
    """Answer every file of a folder, in batches, with one thread; print the seconds and the processor's.

    Args:
        folder: A model's, unpacked: its code/inference.py is used as a model server does.
    """
    torch.set_num_threads(1)
    sys.path.insert(0, str(folder / "code"))
    hooks = importlib.import_module("inference")
    model = hooks.model_fn(str(folder))
    names = iter(sorted(path.name for path in source.iterdir()))
    began, used = time.perf_counter(), time.process_time()
    while batch := list(itertools.islice(names, size)):
        inputs = [hooks.input_fn((source / name).read_bytes(), "image/jpeg") for name in batch]
        for name, scores in zip(batch, hooks.predict_batch_fn(inputs, model), strict=True):
            (target / f"{name}.out").write_text(hooks.output_fn(scores, "application/json")[0])
    print(time.perf_counter() - began, time.process_time() - used)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))

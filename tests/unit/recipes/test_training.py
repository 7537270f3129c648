"""Training: accuracy, ranks, resuming, channels, a frozen backbone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.waiting import eventually

from .conftest import HANGS_S, RECIPE, Run
from .forked import Script

if TYPE_CHECKING:
    import torch

pytestmark = pytest.mark.torch
HOSTS = ("127.0.0.1", "localhost")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    import torch

    state: dict[str, torch.Tensor] = torch.load(folder / "model.pth", weights_only=True)
    return state


def metric(output: str, name: str) -> float:
    return float(re.findall(rf"{name}=([0-9.]+)", output)[-1])


def test_digits_reach_97_percent_from_sagemaker_channels(digits: Path, tmp_path: Path, python: Run) -> None:
    output = python(
        RECIPE / "train.py",
        "--batch_size",
        "64",
        SM_CHANNEL_TRAIN=str(digits / "train"),
        SM_CHANNEL_VALIDATION=str(digits / "valid"),
        SM_CHANNEL_TEST=str(digits / "test"),
        SM_MODEL_DIR=str(tmp_path),
    )
    assert metric(output, "test_accuracy") >= 0.97
    assert len(re.findall(r"^epoch \d+ train_loss=", output, re.MULTILINE)) == 20
    description = json.loads((tmp_path / "model.json").read_text())
    assert description["classes"] == [str(digit) for digit in range(10)]
    assert (tmp_path / "code" / "inference.py").is_file()


def test_two_ranks_train_the_model_of_one(digits: Path, tmp_path: Path, train: Run, python: Run) -> None:
    import torch

    # Three steps of 420, 419 and 419 images: two of them leave one rank an image short. Only three,
    # because sums in another order differ in the last bits, and training lets that grow.
    options = ("--data", digits, "--epochs", "1", "--batch-size", "420")
    train(*options, "--model-dir", tmp_path / "one")
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    both = python(*torchrun, RECIPE / "train.py", *options, "--model-dir", tmp_path / "two")
    assert "ranks=2" in both
    assert both.count("epoch 1 ") == 1  # one rank speaks for all
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert one and one.keys() == two.keys()
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, atol=2e-6, rtol=1e-5, msg=name)


def test_two_hosts_make_one_world_and_reach_the_accuracy_of_one(
    digits: Path, tmp_path: Path, train: Run
) -> None:
    options = ("--data", digits, "--epochs", "5")
    alone = train(*options, SM_MODEL_DIR=str(tmp_path / "alone"))
    both = train(*options, hosts=HOSTS, SM_MODEL_DIR=f"{tmp_path}/{{host}}")
    assert "ranks=2" in both and both.count("epoch 1 ") == 1
    assert (tmp_path / HOSTS[0] / "model.pth").is_file() and not (tmp_path / HOSTS[1]).exists()
    assert metric(both, "valid_accuracy") == pytest.approx(metric(alone, "valid_accuracy"), abs=0.02)


def test_interrupted_and_resumed_is_uninterrupted(digits: Path, tmp_path: Path, train: Run) -> None:
    import torch

    options = ("--data", digits, "--epochs", "3", "--checkpoint-every-s", "0")
    train(*options, "--model-dir", tmp_path / "whole")
    cut = [*options, "--model-dir", tmp_path / "cut", "--checkpoint-dir", tmp_path / "checkpoints"]
    script = Script(RECIPE / "train.py", [*map(str, cut)], {}, tmp_path / "printed")
    eventually(lambda: "\nepoch 1 " in script.output, timeout_s=HANGS_S)
    script.terminate()
    assert script.ended(HANGS_S) == 0
    assert "SIGTERM: checkpoint at epoch" in script.output and "\nepoch 3 " not in script.output
    output = train(*cut)
    assert "resumed at epoch" in output
    whole, resumed = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())


def test_frozen_backbone_learns_from_features(tmp_path: Path, train: Run) -> None:
    import torch
    from PIL import Image

    random = np.random.default_rng(0)
    for split, count in (("train", 8), ("test", 4)):
        for channel in range(3):  # three classes: red, green and blue photos
            folder = tmp_path / "photos" / split / f"class {channel}"
            folder.mkdir(parents=True)
            for index in range(count):
                noise = random.integers(0, 120, (10, 14, 3))
                noise[:, :, channel] += 100
                Image.fromarray(noise.astype(np.uint8)).resize((140, 100)).save(folder / f"{index}.png")
    common = (
        "--data",
        tmp_path / "photos",
        "--model",
        "resnet18",
        "--image-size",
        "64",
        "--precision",
        "float32",
    )
    # Random weights stand in for a download: a random backbone tells colours apart as well.
    train(*common, "--weights", "none", "--tune", "full", "--epochs", "0", "--model-dir", tmp_path / "start")
    started = weights(tmp_path / "start")
    head = (*common, "--weights", tmp_path / "start" / "model.pth", "--epochs", "20", "--views", "2")
    output = train(*head, "--model-dir", tmp_path / "one")
    assert metric(output, "test_accuracy") >= 0.9
    import inference

    # What was learnt on scaled features must hold for images.
    classifier = inference.model_fn(str(tmp_path / "one"))
    photos = sorted((tmp_path / "photos" / "test").glob("*/*.png"))
    inputs = [inference.input_fn(photo.read_bytes(), "image/png") for photo in photos]
    answers = [p.scores_NC.argmax().item() for p in inference.predict_batch_fn(inputs, classifier)]
    right = sum(
        classifier.description.classes[a] == p.parent.name for a, p in zip(answers, photos, strict=True)
    )
    assert right / len(photos) == pytest.approx(metric(output, "test_accuracy"), abs=1e-3)
    train(*head, "--model-dir", tmp_path / "two", hosts=HOSTS)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert one and one.keys() == two.keys()
    for name, value in one.items():
        if not name.startswith("fc."):
            assert torch.equal(value, started[name]), name  # the backbone stayed as it was
        torch.testing.assert_close(two[name], value, atol=5e-3, rtol=0.05, msg=name)


def test_wrong_weights_and_missing_data_are_explained(tmp_path: Path) -> None:
    import torch

    torch.save({"conv1.weight": torch.zeros(64, 3, 7, 7)}, tmp_path / "w.pth")
    for arguments, words in (
        (["--data", str(tmp_path)], "no training images"),
        (["--model", "resnet18", "--weights", str(tmp_path / "w.pth")], "does not fit resnet18"),
    ):
        (tmp_path / "data" / "train" / "a").mkdir(parents=True, exist_ok=True)
        from PIL import Image

        Image.new("RGB", (32, 32)).save(tmp_path / "data" / "train" / "a" / "x.png")
        data = [] if "--data" in arguments else ["--data", str(tmp_path / "data")]
        given = [*arguments, *data, "--model-dir", str(tmp_path / "m")]
        script = Script(RECIPE / "train.py", given, {}, tmp_path / "printed")
        assert script.ended(HANGS_S) != 0
        assert words in script.errors
        assert "Traceback" not in script.errors

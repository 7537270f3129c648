"""Training: accuracy, ranks, resuming, channels, a frozen backbone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from .conftest import HANGS_S, RECIPE, Run, free_port

pytestmark = pytest.mark.torch


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(folder / "model.pth", weights_only=True)
    return state


def metric(output: str, name: str) -> float:
    return float(re.findall(rf"{name}=([0-9.]+)", output)[-1])


def test_digits_reach_97_percent_from_sagemaker_channels(digits: Path, tmp_path: Path, train: Run) -> None:
    output = train(
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


def test_two_ranks_train_the_model_of_one(digits: Path, tmp_path: Path, train: Run) -> None:
    # Three steps of 420, 419 and 419 images: two of them leave one rank an image short. Only three,
    # because sums in another order differ in the last bits, and training lets that grow.
    options = ("--data", digits, "--epochs", "1", "--batch-size", "420")
    train(*options, "--model-dir", tmp_path / "one")
    train(*options, "--model-dir", tmp_path / "two", ranks=2)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert one and one.keys() == two.keys()
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, atol=2e-6, rtol=1e-5, msg=name)


def test_two_ranks_reach_the_accuracy_of_one(digits: Path, tmp_path: Path, train: Run) -> None:
    options = ("--data", digits, "--epochs", "5", "--model-dir", tmp_path)
    alone, both = train(*options), train(*options, ranks=2)
    assert "ranks=2" in both
    assert both.count("epoch 1 ") == 1  # one rank speaks for all
    assert metric(both, "valid_accuracy") == pytest.approx(metric(alone, "valid_accuracy"), abs=0.02)


def test_hosts_without_torchrun_make_one_world(digits: Path, tmp_path: Path) -> None:
    hosts = ["127.0.0.1", "localhost"]
    port = str(free_port())
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                RECIPE / "train.py",
                "--data",
                digits,
                "--epochs",
                "1",
                "--model-dir",
                tmp_path / host,
            ],
            env=os.environ
            | {"SM_HOSTS": json.dumps(hosts), "SM_CURRENT_HOST": host, "MASTER_PORT": port}
            | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for host in hosts
    ]
    outputs = [process.communicate(timeout=HANGS_S)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert "ranks=2" in outputs[0] and outputs[1] == ""
    assert (tmp_path / hosts[0] / "model.pth").is_file() and not (tmp_path / hosts[1]).exists()


def test_interrupted_and_resumed_is_uninterrupted(digits: Path, tmp_path: Path, train: Run) -> None:
    options = ("--data", digits, "--epochs", "3", "--checkpoint-every-s", "0")
    train(*options, "--model-dir", tmp_path / "whole")
    cut = [*options, "--model-dir", tmp_path / "cut", "--checkpoint-dir", tmp_path / "checkpoints"]
    process = subprocess.Popen(
        [sys.executable, RECIPE / "train.py", *map(str, cut)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch 1 "):
            process.send_signal(signal.SIGTERM)
            break
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=HANGS_S) == 0
    assert "SIGTERM: checkpoint at epoch" in rest and "epoch 3 " not in rest
    output = train(*cut)
    assert "resumed at epoch" in output
    whole, resumed = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())


def test_frozen_backbone_learns_from_features(tmp_path: Path, train: Run) -> None:
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
    train(*head, "--model-dir", tmp_path / "two", ranks=2)
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert one and one.keys() == two.keys()
    for name, value in one.items():
        if not name.startswith("fc."):
            assert torch.equal(value, started[name]), name  # the backbone stayed as it was
        torch.testing.assert_close(two[name], value, atol=5e-3, rtol=0.05, msg=name)


def test_wrong_weights_and_missing_data_are_explained(tmp_path: Path) -> None:
    torch.save({"conv1.weight": torch.zeros(64, 3, 7, 7)}, tmp_path / "w.pth")
    for arguments, words in (
        (["--data", str(tmp_path)], "no training images"),
        (["--model", "resnet18", "--weights", str(tmp_path / "w.pth")], "does not fit resnet18"),
    ):
        (tmp_path / "data" / "train" / "a").mkdir(parents=True, exist_ok=True)
        from PIL import Image

        Image.new("RGB", (32, 32)).save(tmp_path / "data" / "train" / "a" / "x.png")
        data = [] if "--data" in arguments else ["--data", str(tmp_path / "data")]
        finished = subprocess.run(
            [sys.executable, RECIPE / "train.py", *arguments, *data, "--model-dir", tmp_path / "m"],
            capture_output=True,
            text=True,
            timeout=HANGS_S,
            check=False,
        )
        assert finished.returncode != 0
        assert words in finished.stderr
        assert "Traceback" not in finished.stderr

"""What AWS's images hold."""

from __future__ import annotations

import pytest

from sagehen.executors.environments import catalogue
from sagehen.executors.environments.mapped import InvalidPattern, matches, require_pattern

REGISTRY = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/"


@pytest.mark.parametrize(
    ("uri", "key", "pins"),
    [
        (
            f"{REGISTRY}pytorch-training:2.6.0-gpu-py312-cu126-ubuntu22.04-sagemaker",
            "pytorch 2.6.0 py3.12",
            {"torch": "2.6.0", "torchvision": "0.21.0", "torchaudio": "2.6.0"},
        ),
        (
            "huggingface-pytorch-training:2.8.0-transformers4.56.2-gpu-py312-cu129-ubuntu22.04",
            "huggingface 2.8.0-transformers4.56.2 py3.12",
            {"transformers": "4.56.2", "torch": "2.8.0", "datasets": "4.1.0"},
        ),
        ("sagemaker-xgboost:1.7-1", "xgboost 1.7-1 py3.8", {"xgboost": "1.7.4"}),
        ("sagemaker-scikit-learn:1.2-1-cpu-py3", "sklearn 1.2-1 py3.9", {"scikit-learn": "1.2.1"}),
        ("tensorflow-training:2.18.0-cpu-py310", "tensorflow 2.18.0 py3.10", {"tensorflow": "2.18.0"}),
        ("pytorch-training:9.1.0-cpu-py315", "pytorch 9.1.0 py3.15", {"torch": "9.1.0"}),
        ("pytorch-training", "pytorch", {}),
    ],
)
def test_a_name_is_a_promise(uri: str, key: str, pins: dict[str, str]) -> None:
    image = catalogue.find(uri)
    assert image is not None
    assert image.key == key
    assert pins.items() <= dict(image.pins).items()


@pytest.mark.parametrize(
    "uri",
    [
        "", "me/mine:1", "pytorch-training\n:1", "x" * 300, "../pytorch-training:1", "pytorch-training:",
        "pytorch-training:2.6.0; ls", "pytorch-training:2.6.0\n", "pytorch-training:2.6.0:1",
        f"pytorch-training:{'2' * 255}",
    ],
)  # fmt: skip
def test_others_are_unknown(uri: str) -> None:
    assert catalogue.find(uri) is None


@pytest.mark.parametrize(
    ("uri", "modules"),
    [
        ("pytorch-training:1.9.0-cpu-py38", {"smdebug"}),
        ("pytorch-training:2.0.1-gpu-py310", {"smdebug"}),
        ("huggingface-pytorch-training:1.13.1-transformers4.26.0-gpu-py39", {"smdebug"}),
        ("pytorch-training:2.2.0-cpu-py310", set()),
        ("pytorch-training:10.0", set()),
        ("pytorch-training", set()),
        ("sagemaker-scikit-learn:1.2-1", set()),
    ],
)
def test_what_older_images_have_besides(uri: str, modules: set[str]) -> None:
    image = catalogue.find(uri)
    assert image is not None and set(image.added) == modules


def test_every_listed_version_is_found_again_by_its_own_name() -> None:
    for repository, version in catalogue.known():
        image = catalogue.find(f"{repository}:{version}")
        assert image is not None and image.version == version, (repository, version)
        assert image.distribution is None or image.is_algorithm or image.pins, (repository, version)
    date, sources = catalogue.facts()
    assert date and sources


@pytest.mark.parametrize(
    ("pattern", "means"),
    [
        ("pytorch-training", True),
        ("pytorch-*:2.6*", True),
        (f"{REGISTRY}pytorch-training:2.6.0", True),
        ("*", True),
        ("pytorch-training:2.5*", False),
        ("training", False),
        ("[q]*", False),
    ],
)
def test_patterns(pattern: str, means: bool) -> None:
    assert matches(pattern, f"{REGISTRY}pytorch-training:2.6.0") is means


@pytest.mark.parametrize("pattern", ["", "-x", "--help", "a b", "a\0", "a\n", "x" * 600, "$(x)", "é"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        require_pattern(pattern)

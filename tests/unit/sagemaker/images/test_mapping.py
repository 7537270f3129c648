"""What images stand for."""

from __future__ import annotations

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.sagemaker.images import mapping


@pytest.mark.parametrize(
    ("uri", "framework", "version"),
    [
        ("763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:1.4.0-gpu-py3", "pytorch", "1.4.0"),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu", "sklearn", "1.2-1"),
        ("520713654638.dkr.ecr.us-east-1.amazonaws.com/sagemaker-pytorch:1.0.0-cpu-py3", "pytorch", "1.0.0"),
        ("pytorch-training", "pytorch", ""),
    ],
)  # fmt: skip
def test_images_are_mapped(uri: str, framework: str, version: str) -> None:
    image = mapping.resolve(uri, "training")
    assert (image.framework, image.wanted_version) == (framework, version)
    assert uri in image.describe() and image.local_version in image.describe()


@pytest.mark.parametrize(
    ("uri", "purpose"),
    [("pytorch-training:2.1", "inference"), ("me/mine:latest", "training"), ("", "training")],
)
def test_unknown_images_are_refused_with_the_list(uri: str, purpose: str) -> None:
    with pytest.raises(NotImplementedOperation, match="Mapped images: pytorch"):
        mapping.resolve(uri, purpose)

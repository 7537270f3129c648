"""What images stand for."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.executors.environments.builds import Builds
from sagehen.executors.environments.catalogue import FrameworkImage
from sagehen.executors.environments.interpreter import InterpreterFacts
from sagehen.executors.environments.resolver import Environments
from sagehen.services.sagemaker.images.mapping import Image, Images

PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-cpu-py312"


def _facts(folder: Path, distributions: Mapping[str, str]) -> InterpreterFacts:
    prefix = str(folder)
    return InterpreterFacts(sys.executable, "3.12.1", prefix, (prefix,), f"{prefix}/lib", distributions)


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
    image = Images().resolve(uri, "training")
    assert (image.framework, image.wanted_version) == (framework, version)
    assert uri in image.describe() and image.local_version in image.describe()
    assert "the local environment" in image.describe() and image.interpreter is None


@pytest.mark.parametrize(
    ("uri", "purpose"),
    [("pytorch-training:2.1", "inference"), ("me/mine:latest", "training"), ("", "training")],
)
def test_unknown_images_are_refused_with_the_list(uri: str, purpose: str) -> None:
    with pytest.raises(NotImplementedOperation, match=r"Mapped images: .*pytorch.*sagehen images use"):
        Images().resolve(uri, purpose)


def test_what_the_account_s_own_registry_lacks_is_not_found_and_another_s_is_not_mapped() -> None:
    registry: Any = SimpleNamespace(has=lambda uri: False if "/here:" in uri else None)
    images, host = Images(registry=registry), "123456789012.dkr.ecr.us-east-1.amazonaws.com"
    for uri in (f"{host}/here:1", f"{host}/absent:1"):
        with pytest.raises(ValidationException, match=f"^Requested image {re.escape(uri)} not found"):
            images.resolve(uri, "inference", "123456789012")
    with pytest.raises(NotImplementedOperation, match="not mapped"):
        images.resolve(f"{host}/absent:1", "inference", "210987654321")
    # One of AWS's own that was copied there stands for itself once it is pushed, and for AWS's until then.
    assert images.resolve(f"{host}/pytorch-inference:2.1", "inference", "123456789012").framework == "pytorch"
    with pytest.raises(NotImplementedOperation, match="not mapped"):
        Images().resolve(f"{host}/absent:1", "inference", "123456789012")


def test_algorithms_have_what_stands_for_them_or_are_refused_by_name() -> None:
    registry = "382416733822.dkr.ecr.us-east-1.amazonaws.com"
    image = Images().resolve(f"{registry}/linear-learner:1", "inference")
    assert image.framework == "linear-learner"
    assert re.search(r"scikit-learn \d\S+, which stands for AWS's own algorithm$", image.describe())
    with pytest.raises(
        NotImplementedOperation, match="own algorithm object2vec, for which no library stands"
    ):
        Images().resolve(f"{registry}/object2vec:1", "training")


def test_a_framework_that_is_not_here_is_refused_with_the_command_that_brings_it() -> None:
    uri = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    with pytest.raises(NotImplementedOperation, match=r"`sagehen images build sagemaker-xgboost:1\.7-1`"):
        Images().resolve(uri, "training")


def test_a_tag_cannot_become_more_than_one_word_of_a_printed_command() -> None:
    with pytest.raises(NotImplementedOperation, match="is not mapped") as refused:
        Images().resolve("sagemaker-xgboost:1;reboot", "training")  # that is no tag
    assert "images build" not in refused.value.message
    image = Image("sagemaker-xgboost:1;reboot", None, Environments().local())
    assert image.build_command == "sagehen images build 'sagemaker-xgboost:1;reboot'"


def test_what_the_operator_mapped_comes_first_then_what_was_built_then_what_is_here(tmp_path: Path) -> None:
    environments = Environments(tmp_path)
    images = Images(environments)
    assert environments.built is not None and environments.mapped is not None
    assert images.resolve(PYTORCH, "training").environment.kind == "local"

    built, facts = environments.built, _facts(tmp_path / "one", {"torch": "2.6.0"})
    (tmp_path / "built" / ("a" * 16)).mkdir(parents=True)
    built.complete("a" * 16, facts, 1, "")
    built.name("pytorch 2.6.0 py3.12", "a" * 16, ("pandas 3 instead of 2",))
    image = images.resolve(PYTORCH, "training")
    assert image.environment.kind == "built" and image.interpreter is not None
    assert image.describe().endswith("torch 2.6.0 (asked for: torch 2.6.0); pandas 3 instead of 2")
    assert images.resolve("pytorch-inference:2.6.0-gpu-py312-cu126", "inference").environment.kind == "built"
    assert images.resolve("pytorch-training:2.5.1-cpu-py311", "training").environment.kind == "local"

    environments.mapped.add("pytorch-*:2.6*", _facts(tmp_path / "two", {"torch": "2.7.0"}))
    image = images.resolve(PYTORCH, "training")
    assert (image.environment.kind, image.local_version) == ("mapped", "2.7.0")
    assert environments.mapped.remove("pytorch-*:2.6*") and not environments.mapped.remove("pytorch-*:2.6*")
    assert images.resolve(PYTORCH, "training").environment.kind == "built"


def test_an_own_name_may_be_mapped_and_is_refused_when_its_environment_is_gone(
    tmp_path: Path,
) -> None:
    environments = Environments(tmp_path)
    assert environments.mapped is not None
    images = Images(environments)
    environments.mapped.add("me/mine:*", _facts(tmp_path, {"torch": "2.7.0"}))
    image = images.resolve("123456789012.dkr.ecr.eu-west-1.amazonaws.com/me/mine:7", "inference")
    assert (image.framework, image.warm_parent) == ("auto", "torch")
    gone = InterpreterFacts(str(tmp_path / "bin/python"), "3.12.1", str(tmp_path), (), "", {})
    environments.mapped.add("me/mine:*", gone)
    with pytest.raises(NotImplementedOperation, match=r"not there any more.*sagehen images use 'me/mine:\*'"):
        images.resolve("me/mine:7", "training")


async def test_with_builds_an_image_is_accepted_and_built_before_its_first_process(tmp_path: Path) -> None:
    environments = Environments(tmp_path)
    assert environments.built is not None
    built = environments.built

    def make(image: FrameworkImage, say: Callable[[str], None]) -> None:
        say("at work")
        built.folder.joinpath("b" * 16).mkdir(parents=True)
        built.complete("b" * 16, _facts(tmp_path, {"xgboost": "1.7.4"}), 1, "")
        built.name(image.key, "b" * 16, ())

    images = Images(environments, builds=Builds(built, make=make))
    image = images.resolve("sagemaker-xgboost:1.7-1", "training")
    assert (image.environment.kind, image.warm_parent) == ("unbuilt", None)
    assert images.wants_building(image)
    for tag in ("1.7.99", "1.7-1-cpu-py399"):
        with pytest.raises(NotImplementedOperation):
            images.resolve(f"sagemaker-xgboost:{tag}", "training")
    said: list[str] = []
    image = await images.built(image, said.append)
    assert (image.local_version, said) == ("1.7.4", ["at work"])
    assert not images.wants_building(image) and not images.wants_building(image, {"pandas"})
    pytorch = images.resolve(PYTORCH, "training")
    assert not images.wants_building(pytorch) and not images.wants_building(pytorch, {"timm", "torchvision"})
    assert images.wants_building(pytorch, {"torchvision"})
    assert not Images(environments).wants_building(pytorch, {"torchvision"})
    await images.stop()

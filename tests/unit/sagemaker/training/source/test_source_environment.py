"""What a source imports: what AWS's image has is installed at the start, where that can be."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sagehen.executors.environments import catalogue
from sagehen.executors.environments.environment import Environment
from sagehen.services.sagemaker.images.imports import ImportsMissing, Script
from sagehen.services.sagemaker.images.mapping import Image, Images
from sagehen.services.sagemaker.training.attempts.attempt import Attempt
from sagehen.services.sagemaker.training.attempts.environment import EnvironmentOfSource

FROM_DEBUGGER = "import os\nimport smdebug.pytorch as smd\n"
NEEDS = ("smdebug==1.0.34", "numpy<2.3", "protobuf<3.21")


class Lacking(Environment):
    """An environment that has nothing but Python."""

    def missing(self, modules: Any) -> set[str]:
        return set(modules) - {"os"}


def attempt_of(tmp_path: Path, source: str, request: dict[str, Any], tag: str, kind: Any) -> tuple[Any, Any]:
    (tmp_path / "train.py").write_text(source)
    environment = Lacking(kind=kind, name="e", python="3.11.2", distributions={})
    image = Image(f"pytorch-training:{tag}", catalogue.find(f"pytorch-training:{tag}"), environment)
    attempt = SimpleNamespace(
        job=SimpleNamespace(request={"AlgorithmSpecification": {}, **request}),
        folder=SimpleNamespace(source_archive=tmp_path / "none"),
        means=SimpleNamespace(images=Images()),
        held=None,
        doubts=[],
        added=(),
        note=lambda line: None,
    )
    return attempt, EnvironmentOfSource(cast(Attempt, attempt), image)


@pytest.mark.parametrize(
    "source", [FROM_DEBUGGER, "try:\n    import smdebug\nexcept ImportError:\n    pass\n"]
)
async def test_what_aws_s_image_has_is_added(tmp_path: Path, source: str) -> None:
    attempt, environment = attempt_of(tmp_path, source, {}, "1.9.0-cpu-py38", "local")
    await environment.require(Script(tmp_path, "train.py"))
    assert attempt.added == NEEDS
    [line] = attempt.doubts
    assert "AWS's image has smdebug" in line and "smdebug==1.0.34, numpy<2.3, protobuf<3.21" in line


@pytest.mark.parametrize(
    ("request_", "tag", "kind"),
    [
        ({"EnableNetworkIsolation": True}, "1.9.0-cpu-py38", "local"),
        ({"AlgorithmSpecification": {"ContainerEntrypoint": ["python"]}}, "1.9.0-cpu-py38", "local"),
        ({}, "2.6.0-cpu-py312", "local"),
        ({}, "1.9.0-cpu-py38", "mapped"),
    ],
)
async def test_where_it_cannot_be_the_job_fails_at_once(
    tmp_path: Path, request_: dict[str, Any], tag: str, kind: Any
) -> None:
    attempt, environment = attempt_of(tmp_path, FROM_DEBUGGER, request_, tag, kind)
    with pytest.raises(ImportsMissing, match="No module named 'smdebug'"):
        await environment.require(Script(tmp_path, "train.py"))
    assert attempt.added == ()


async def test_what_else_is_lacking_is_said_as_ever(tmp_path: Path) -> None:
    source = FROM_DEBUGGER + "import a_package_of_mine\n"
    _, environment = attempt_of(tmp_path, source, {}, "1.9.0-cpu-py38", "local")
    with pytest.raises(ImportsMissing, match="imports a_package_of_mine"):
        await environment.require(Script(tmp_path, "train.py"))

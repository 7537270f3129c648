"""What pip is held to: the environment's versions, but for what the user asks for himself."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.trainingtoolkit import constraints, requirements

_HAVE = {"torch": "2.13.0+cpu", "numpy": "2.4.6", "pip": "25.0", "setuptools": "80.0", "my-own": "1.0"}


@pytest.mark.parametrize(
    ("wanted", "free"),
    [
        (["torchvision"], set()),
        (["torch", "numpy>=2", "torch==2.13.0"], set()),
        (["numpy<2"], {"numpy"}),
        (["Torch==1.4.0"], {"torch"}),
        (["my_own[extra] == 2.*"], {"my-own"}),
        (["torch @ https://example.com/torch.whl"], {"torch"}),
        (["./numpy", "git+https://example.com/a.git", "numpy=2"], set()),
    ],
)
def test_the_environment_s_versions_hold(wanted: list[str], free: set[str]) -> None:
    expected = {f"{name}=={_HAVE[name]}" for name in {"torch", "numpy", "my-own"} - free}
    assert set(constraints.constraints(wanted, _HAVE)) == expected


def test_requirements_are_found_on_the_command_line_and_in_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# none\nnumpy<2  # old\n-r b.txt\n--no-index\n\n-r a.txt\n")
    (tmp_path / "b.txt").write_text("torch==1.4.0\n")
    words = ["-q", "--no-deps", "idna", "-r", str(tmp_path / "a.txt"), f"--requirement={tmp_path}/absent.txt"]
    assert list(constraints.requirements_in(words)) == ["idna", "numpy<2", "torch==1.4.0"]


def test_this_environment_is_known_by_normalised_names() -> None:
    have = constraints.installed()
    assert have["pytest"] == pytest.__version__ and all(name == name.lower() for name in have)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "The conflict is caused by:\n  torchvision 0.9 depends on torch==1.8.0\n"
            "  The user requested (constraint) torch==2.13.0+cpu\nERROR: ResolutionImpossible",
            "do not go with what this environment has (torch==2.13.0+cpu)",
        ),
        ("WARNING: Retrying ... [Errno -3] Name or service not known", "no package index is reachable"),
        ("ERROR: Invalid requirement", "its output in the log says why"),
    ],
)  # fmt: skip
def test_pip_s_failure_says_why_and_what_to_do(said: str, why: str) -> None:
    assert why in requirements._reason(said)

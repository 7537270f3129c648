"""Which Python stands for a kernel, and what a start is given to read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sagehen.domain.scope import Scope
from sagehen.executors.base import Interpreter, Limits
from sagehen.executors.environments.built import Built
from sagehen.executors.environments.environment import Environment
from sagehen.executors.environments.interpreter import InterpreterFacts
from sagehen.executors.environments.resolver import EnvironmentGone
from sagehen.services.sagemaker.notebooks.jupyter import companions, start
from sagehen.services.sagemaker.notebooks.jupyter.kernels import KERNELS, Chosen, choose
from sagehen.services.sagemaker.notebooks.server import Wanted

KERNEL = {kernel.name: kernel for kernel in KERNELS}
PYTHON = Interpreter("/envs/x/bin/python", (Path("/envs/x"),), (3, 12))
WANTED = Wanted(
    scope=Scope("123456789012", "eu-west-1"), name="Nb-1", arn="arn:nb", role_arn="arn:role",
    instance_type="ml.t3.medium", limits=Limits(1, 1024), base_path="/_aws/notebook/eu-west-1/nb-1/",
    volume_id="0a-1", start_folder="repo",
)  # fmt: skip


class _Built:
    def __init__(self, *found: Built) -> None:
        self.found = found
        self.held: list[str] = []

    def all(self) -> list[Built]:
        return list(self.found)

    def hold(self, environment_id: str) -> None:
        self.held.append(environment_id)


class _Environments:
    def __init__(self, local: dict[str, str], *built: Built) -> None:
        self._local = Environment("local", "the local environment", "3.11.7", {"ipykernel": "7", **local})
        self.built = _Built(*built)
        self.mapped: Environment | Exception | None = None

    def of_operator(self, uri: str) -> Environment | None:
        if isinstance(self.mapped, Exception):
            raise self.mapped
        return self.mapped

    def local(self) -> Environment:
        return self._local


def _built(folder: Path, environment_id: str, *images: str, **distributions: str) -> Built:
    python = str(folder / environment_id / "bin" / "python")
    facts = InterpreterFacts(python, "3.12.1", str(folder / environment_id), (), "/p", distributions)
    return Built(environment_id, folder / environment_id, images, facts, (), 1)


def _choose(name: str, environments: _Environments) -> Chosen:
    return choose(KERNEL[name], environments, " --data /d")  # type: ignore[arg-type]


def test_plain_python_is_the_local_one_and_frameworks_where_it_has_them() -> None:
    torch = _Environments({"torch": "2"})
    for name in ("conda_python3", "python3", "conda_pytorch_p310", "conda_pytorch_p36"):
        chosen = _choose(name, torch)
        assert chosen.environment is torch.local(), name
    lack = _choose("conda_tensorflow2_p310", torch).lack
    assert "`sagehen images build tensorflow-training:2.18.0-cpu-py310 --data /d`" in lack
    assert "`sagehen images use conda_tensorflow2_p310 VENV --data /d`" in lack


def test_what_was_built_for_such_an_image_goes_before_the_local_one_the_newest_first(tmp_path: Path) -> None:
    old = _built(tmp_path, "a" * 16, "pytorch 2.6.0 py3.12", ipykernel="6")
    new = _built(tmp_path, "b" * 16, "pytorch 2.10.0 py3.12", ipykernel="6")
    other = _built(tmp_path, "c" * 16, "sklearn 9.0 py3.12", ipykernel="6")
    environments = _Environments({"torch": "2"}, old, new, other)
    found = _choose("conda_pytorch_p38", environments).environment
    assert found is not None and found.name == "b" * 16
    assert environments.built.held == ["b" * 16]


def test_one_without_a_kernel_gets_ours_where_that_runs_and_says_what_to_install_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments = _Environments({}, _built(tmp_path, "a" * 16, "pytorch 2.6.0 py3.12", torch="2.6.0"))
    monkeypatch.setattr(companions, "serve", lambda version: False)
    chosen = _choose("conda_pytorch_p310", environments)
    assert chosen.environment is None
    assert "no ipykernel" in chosen.lack
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(companions, "serve", lambda version: asked.append(version) or True)
    chosen = _choose("conda_pytorch_p310", environments)
    assert (chosen.environment is not None, asked) == (True, [(3, 12)])
    monkeypatch.setattr(companions, "packages", lambda: (tmp_path / "ipykernel",))
    (tmp_path / "start").mkdir()
    start.write(tmp_path / "start", WANTED, [chosen], "t")
    assert (tmp_path / "start" / "companions" / "ipykernel").readlink() == tmp_path / "ipykernel"
    [entry] = start.plan(WANTED, [chosen])["environments"]
    assert entry["more"] == "/opt/sagehen/notebook/companions"


def test_companions_are_ipykernel_and_what_it_needs_alone() -> None:
    pytest.importorskip("ipykernel")
    names = {path.name for path in companions.packages()}
    assert {"ipykernel", "IPython", "traitlets", "zmq"} <= names
    assert not {"boto3", "sagehen", "jupyterlab", "bin"} & names
    assert companions.serve(sys.version_info[:2])
    assert not companions.serve((3, 1))


def test_the_operators_word_counts_first() -> None:
    environments = _Environments({"torch": "2"})
    environments.mapped = Environment("mapped", "/envs/x", "3.12.1", {"ipykernel": "6"}, PYTHON)
    assert _choose("conda_python3", environments).environment is environments.mapped
    environments.mapped = EnvironmentGone("it is gone")
    assert _choose("conda_python3", environments) == Chosen(KERNEL["conda_python3"], None, "it is gone.")


def test_a_start_holds_kernels_settings_and_the_plan_of_a_home(tmp_path: Path) -> None:
    mapped = Environment("mapped", "/envs/x", "3.12.1", {"ipykernel": "6"}, PYTHON)
    chosen = [
        Chosen(KERNEL["conda_pytorch_p36"], mapped),
        Chosen(KERNEL["conda_tensorflow2_p310"], None, "build it"),
    ]
    start.write(tmp_path, WANTED, chosen, "secret")
    settings = json.loads((tmp_path / "jupyter_server_config.json").read_text())
    assert settings["IdentityProvider"] == {"token": "secret"}
    server = settings["ServerApp"]
    assert (server["ip"], server["base_url"]) == ("127.0.0.1", WANTED.base_path)
    assert (server["root_dir"], server["preferred_dir"]) == (
        "/home/ec2-user/SageMaker", "/home/ec2-user/SageMaker/repo"
    )  # fmt: skip
    kernel = json.loads((tmp_path / "kernels" / "conda_pytorch_p36" / "kernel.json").read_text())
    assert kernel["argv"][0] == "/home/ec2-user/anaconda3/envs/pytorch_p310/bin/python"
    missing = json.loads((tmp_path / "kernels" / "conda_tensorflow2_p310" / "kernel.json").read_text())
    assert missing["env"] == {"SAGEHEN_KERNEL_LACK": "build it"}
    plan = json.loads((tmp_path / "plan.json").read_text())
    [entry] = plan["environments"]
    assert entry["site"] == "/envs/x/lib/python3.12/site-packages"
    assert plan["aliases"]["pytorch_p36"] == "pytorch_p310"
    assert [str(mount.source) for mount in start.shown(chosen)] == ["/envs/x"]
    assert start.metadata(WANTED) == {
        "ResourceArn": "arn:nb", "ResourceName": "Nb-1", "ExecutionRoleArn": "arn:role"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["conda_python3", "conda_pytorch_p36", "conda_tensorflow2_p38"])
def test_names_that_notebooks_carry_are_there(name: str) -> None:
    assert name in KERNEL

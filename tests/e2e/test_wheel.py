"""What `python -m build` makes runs: installed alone, beside nothing but what it declares to need."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path, PurePath

import pytest
from packaging.requirements import Requirement

from tests.conformance.lambda_.calls import zipped
from tests.e2e import story
from tests.running import ACCOUNTS, LAMBDA_RUNTIME, RunningSagehen

REPOSITORY = Path(__file__).parents[2]
# The smallest framework image stands for scikit-learn, which is no dependency of the wheel but the user's.
NEEDED = ("sagehen", "scikit-learn")
JOB = """
import sys
from pathlib import Path, PurePath
from sagemaker_training import environment
Path(environment.Environment().model_dir, "model.txt").write_text("trained")
print("trained by", sys.prefix)
"""
FUNCTION = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build from a copy of what belongs to the package: setuptools writes into the tree that it builds."""
    tree = tmp_path_factory.mktemp("build")
    shutil.copytree(
        REPOSITORY / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, tree)
    # First a source distribution, then the wheel from that, as `python -m build` does.
    built = run(sys.executable, "-m", "build", "--no-isolation", cwd=tree)
    return tree / "dist" / re.findall(r"sagehen-\S+\.whl", built)[-1]


def test_every_file_of_the_source_is_in_it(wheel: Path) -> None:
    source = REPOSITORY / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "sagehen").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert not wanted - packed
    assert {name.split("/")[0] for name in packed} == {
        "sagehen",
        wheel.name.rsplit("-py3", 1)[0] + ".dist-info",
    }


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Yield the environment of a shell in which `sagehen` is the wheel's."""
    home = tmp_path / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", str(home))
    packages = Path(
        run(str(home / "bin/python"), "-c", "import sysconfig as s; print(s.get_path('purelib'))").strip()
    )
    for distribution in closure(NEEDED):
        link_files(distribution, packages)
    run(
        *(
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(home / "bin/python"),
            "install",
            "--no-deps",
            "--no-index",
        ),
        *("--no-compile", "--disable-pip-version-check", str(wheel)),
    )
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    variables |= {
        "PATH": f"{home / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "SAGEHEN_DATA": str(tmp_path / "data"),
    }
    yield variables
    subprocess.run(["sagehen", "down"], env=variables, capture_output=True, timeout=90)


def test_it_trains_answers_and_stops(installed: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "environment"

    def sagehen(*words: str) -> str:
        return run(str(home / "bin/sagehen"), *words, cwd=tmp_path, env=installed)

    assert sagehen("--version").strip() == f"sagehen {metadata.version('sagehen')}"
    account, keys = next(iter(ACCOUNTS.items()))
    up = sagehen("up", "--detach", "--port", "0", "--account", account, "--credentials", keys)
    running = RunningSagehen(tmp_path / "data")
    running.url = re.findall(r"http://\S+", up)[0]

    source = story.put_source(running, JOB)
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
    story.create_job(
        running,
        "smallest",
        source,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
    )
    job = story.finished_job(running, "smallest")
    assert job["TrainingJobStatus"] == "Completed", (
        job.get("FailureReason"),
        story.job_log(running, "smallest"),
    )
    assert f"trained by {home}" in story.job_log(running, "smallest")

    role = story.client(running, "iam").create_role(
        RoleName="for-functions", AssumeRolePolicyDocument=json.dumps(TRUST)
    )["Role"]
    functions = story.client(running, "lambda")
    functions.create_function(
        FunctionName="smallest",
        Runtime=LAMBDA_RUNTIME,
        Role=role["Arn"],
        Handler="function.handler",
        Code={"ZipFile": zipped(function__py=FUNCTION)},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="smallest", WaiterConfig={"Delay": 1})
    answer = functions.invoke(FunctionName="smallest")
    payload = answer["Payload"].read().decode()
    assert "for-functions/smallest" in payload, payload
    assert "stopped" in sagehen("down")


def closure(names: Iterable[str]) -> list[metadata.Distribution]:
    """Return what `names` need, with all that these need: of extras nothing."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [*names]
    while waiting:
        distribution = metadata.distribution(waiting.pop())
        if distribution.name in found:
            continue
        found[distribution.name] = distribution
        needs = map(Requirement, distribution.requires or ())
        waiting += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    del found["sagehen"]
    return list(found.values())


def link_files(distribution: metadata.Distribution, packages: Path) -> None:
    """Put an installed distribution's modules into another environment, as pip would."""
    here = Path(str(distribution.locate_file("")))
    for file in files_of(distribution):
        if ".." in file.parts or "__pycache__" in file.parts:  # scripts, which nothing here calls, and what
            continue  # PYTHONDONTWRITEBYTECODE kept from being written: setup.py lists it all the same
        target = packages / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(here / file, target)
        except OSError:  # another disk, or a file that is not ours
            shutil.copy(here / file, target)


def files_of(distribution: metadata.Distribution) -> Iterator[PurePath]:
    """Yield the files of a distribution, below the folder that it is installed in.

    A pip without `wheel` writes no RECORD but a list that counts from the folder of the metadata.
    """
    listed = distribution.read_text("installed-files.txt")
    if distribution.read_text("RECORD") is not None or listed is None:
        yield from distribution.files or ()
        return
    folder = PurePath(str(distribution._path)).name  # type: ignore[attr-defined]
    for line in listed.splitlines():
        yield PurePath(os.path.normpath(PurePath(folder, line)))


def run(*words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    ran = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=200)
    assert ran.returncode == 0, (words, ran.stdout[-2000:], ran.stderr[-3000:])
    return ran.stdout

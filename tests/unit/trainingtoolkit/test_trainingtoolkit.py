"""The toolkit as a real process over a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tarfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sagehen.trainingtoolkit import hyperparameters, source, torchrun
from sagehen.trainingtoolkit.environment import TrainingEnvironment


class Container:
    """An /opt/ml of its own, and the toolkit run over it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.hyperparameters = {
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": '"s3://bucket/job/source/sourcedir.tar.gz"',
        }
        self.hosts = ["algo-1"]
        self.host = "algo-1"
        (base / "code").mkdir()
        (base / "input" / "config").mkdir(parents=True)

    def code(self, name: str, text: str) -> None:
        path = self.base / "code" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))

    def start(self, **environment: str) -> subprocess.Popen[str]:
        config = self.base / "input" / "config"
        (config / "hyperparameters.json").write_text(json.dumps(self.hyperparameters))
        (config / "inputdataconfig.json").write_text(json.dumps({"train": {"TrainingInputMode": "File"}}))
        resources = {"current_host": self.host, "hosts": self.hosts, "network_interface_name": "lo"}
        (config / "resourceconfig.json").write_text(json.dumps(resources))
        variables = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(self.base), **environment}
        return subprocess.Popen(
            [sys.executable, "-m", "sagehen.trainingtoolkit"],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, **environment: str) -> tuple[int, str, str]:
        process = self.start(**environment)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    @property
    def failure(self) -> str | None:
        path = self.base / "output" / "failure"
        return path.read_text() if path.exists() else None


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


def environment_of(**changes: Any) -> TrainingEnvironment:
    values: dict[str, Any] = {
        "base": Path("/opt/ml"),
        "hyperparameters": {},
        "framework_parameters": {},
        "resource_config": {"current_host": "algo-1", "hosts": ["algo-1"]},
        "input_data_config": {},
        "num_cpus": 1,
        "num_gpus": 0,
    }
    return TrainingEnvironment(**(values | changes))


def test_hyperparameters_reach_the_script_as_the_framework_images_pass_them(container: Container) -> None:
    container.hyperparameters |= {"batch-size": "128", "lr": '"0.0138"', "raw": "not json", "e": "2"}
    container.hyperparameters["_tuning_objective_metric"] = '"accuracy"'
    container.code("train.py", "import sys, json; print(json.dumps(sys.argv[1:]))")
    code, out, _ = container.run()
    assert code == 0
    words = json.loads(out.splitlines()[-1])
    assert words == ["--batch-size", "128", "-e", "2", "--lr", "0.0138", "--raw", "not json"]


@pytest.mark.parametrize(
    ("value", "word"), [(True, "True"), (None, ""), ([1, 2], "[1, 2]"), ({"b": 1, "a": 2}, "a=2,b=1")]
)
def test_structured_values_become_one_word(value: object, word: str) -> None:
    assert hyperparameters.arguments({"name": value}) == ["--name", word]


def test_every_variable_of_the_contract_is_set(container: Container) -> None:
    container.hyperparameters["epochs"] = "3"
    container.code(
        "train.py",
        "import os, json; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('SM_')}))",
    )
    _, out, _ = container.run(TRAINING_JOB_NAME="job-1")
    found: Mapping[str, str] = json.loads(out.splitlines()[-1])
    base = str(container.base)
    assert found["SM_MODEL_DIR"] == f"{base}/model"
    assert found["SM_CHANNEL_TRAIN"] == f"{base}/input/data/train"
    assert json.loads(found["SM_CHANNELS"]) == ["train"]
    assert found["SM_OUTPUT_DATA_DIR"] == f"{base}/output/data"
    assert json.loads(found["SM_HPS"]) == {"epochs": 3}
    assert found["SM_HP_EPOCHS"] == "3"
    assert json.loads(found["SM_HOSTS"]) == ["algo-1"]
    assert found["SM_USER_ENTRY_POINT"] == "train.py"
    assert found["SM_MODULE_NAME"] == "train"
    assert found["SM_MODULE_DIR"] == "s3://bucket/job/source/sourcedir.tar.gz"
    assert json.loads(found["SM_USER_ARGS"]) == ["--epochs", "3"]
    assert json.loads(found["SM_TRAINING_ENV"])["job_name"] == "job-1"
    assert found["SM_NUM_GPUS"].isdigit() and int(found["SM_NUM_CPUS"]) >= 1


def test_the_script_runs_as_the_main_program(container: Container) -> None:
    container.code("helper_module.py", "VALUE = 7")
    container.code(
        "train.py",
        """
        import sys, os, pickle, multiprocessing
        from helper_module import VALUE
        class Thing: pass
        def double(x): return 2 * x
        if __name__ == "__main__":
            pickle.loads(pickle.dumps(Thing()))
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print("RESULT", pool.map(double, [VALUE]), os.path.basename(__file__), sys.argv[0])
        """,
    )
    code, out, err = container.run()
    assert code == 0, err
    assert "RESULT [14] train.py train.py" in out
    assert container.failure is None


def test_an_exception_is_logged_and_told_in_the_failure_file(container: Container) -> None:
    container.code("train.py", "def inner():\n    raise ValueError('no such class')\ninner()\n")
    code, _, err = container.run()
    assert code == 1
    assert 'File "train.py", line 2, in inner' in err
    assert "trainingtoolkit" not in err
    assert container.failure is not None
    lines = container.failure.splitlines()
    assert lines[:3] == ["ExecuteUserScriptError:", "ExitCode 1", 'ErrorMessage "ValueError: no such class"']
    assert lines[3].startswith('Command "') and lines[3].endswith('train.py"')


@pytest.mark.parametrize(
    ("ending", "code"), [("sys.exit(3)", 3), ("sys.exit()", 0), ("sys.exit('bad')", 1), ("sys.exit(0)", 0)]
)
def test_exit_codes_are_the_script_s(container: Container, ending: str, code: int) -> None:
    container.code("train.py", f"import sys\n{ending}\n")
    assert container.run()[0] == min(code, 1)  # the container's own is 1, whatever the script's
    assert (container.failure is None) == (code == 0)
    assert (container.base / "output" / "success").exists() == (code == 0)
    assert code == 0 or f"ExitCode {code}\n" in str(container.failure)


def test_the_reason_of_an_exit_is_what_was_said_last(container: Container) -> None:
    container.hyperparameters["epochs"] = "many"
    container.code(
        "train.py", "import argparse; p = argparse.ArgumentParser(); p.add_argument('--epochs', type=int); "
        "p.parse_args()"
    )  # fmt: skip
    container.run()
    assert "train.py: error: argument --epochs: invalid int value: 'many'" in str(container.failure)
    assert "ExitCode 2" in str(container.failure)


def test_a_reason_that_the_script_wrote_itself_stays(container: Container) -> None:
    path = container.base / "output" / "failure"
    container.code("train.py", f"import os; os.makedirs({str(path.parent)!r}, exist_ok=True)\n"
                   f"open({str(path)!r}, 'w').write('my own words'); raise ValueError")  # fmt: skip
    container.run()
    assert container.failure == "my own words"


@pytest.mark.parametrize("form", ["archive", "folder", "file"])
def test_a_local_source_is_brought_as_aws_s_toolkit_does(container: Container, form: str) -> None:
    channel = container.base / "input" / "data" / "code"
    (channel / "lib").mkdir(parents=True)
    script = "import os; print('in', os.getcwd()); import sys; print('files', sorted(os.listdir()))"
    (channel / "train.py").write_text(script)
    named = {"archive": "/opt/ml/input/data/code/sourcedir.tar.gz", "folder": "/opt/ml/input/data/code",
             "file": "/opt/ml/input/data/code/train.py"}[form]  # fmt: skip
    if form == "archive":
        with tarfile.open(channel / "sourcedir.tar.gz", "w:gz") as tar:
            tar.add(channel / "train.py", "train.py")
            tar.add(channel / "lib", "lib")
        (channel / "train.py").unlink()
    container.hyperparameters["sagemaker_submit_directory"] = json.dumps(named)
    code, out, err = container.run()
    assert code == 0, err
    assert f"in {container.base}/code" in out
    assert ("files ['train.py']" if form == "file" else "files ['lib', 'train.py']") in out


@pytest.mark.parametrize("name", ["-c", "/bin/sh", "../train.py", "a;b.py", "a//b.py"])
def test_entry_points_outside_the_source_are_refused(container: Container, name: str) -> None:
    container.hyperparameters["sagemaker_program"] = json.dumps(name)
    assert container.run()[0] == 1
    assert "cannot be used: it must be a path within the source" in str(container.failure)


def test_a_shell_entry_point_is_run_by_sh_with_the_arguments(container: Container) -> None:
    container.hyperparameters |= {"sagemaker_program": '"run.sh"', "name": '"a b"'}
    container.code("run.sh", '#!/bin/sh\necho "got $1=$2 in $PWD"\necho broken >&2\nexit 4\n')
    code, out, _ = container.run()
    assert code == 1 and "ExitCode 4" in str(container.failure)
    assert f"got --name=a b in {container.base}/code" in out
    assert 'ErrorMessage "broken"' in (container.failure or "")


def test_sigterm_reaches_a_child_and_its_exit_code_comes_back(container: Container) -> None:
    container.hyperparameters["sagemaker_program"] = '"run.sh"'
    container.code("run.sh", "#!/bin/sh\ntrap 'exit 9' TERM\necho ready\nwhile :; do sleep 0.05; done\n")
    process = container.start()
    assert process.stdout is not None
    while "ready" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 1 and "ExitCode 9" in str(container.failure)


EARLY_SIGNAL = """
import os, signal
from sagehen.trainingtoolkit import processes
from sagehen.trainingtoolkit.failure import ExecuteUserScriptError

class Child(processes._Child):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        os.kill(os.getpid(), signal.SIGTERM)  # as if it came just now

processes._Child = Child
try:
    processes.run_all(["sleep", "60"], [{}, {}])
except ExecuteUserScriptError as error:
    print(error.script_code)
"""


def test_a_signal_between_the_starts_of_two_children_ends_both() -> None:
    run = subprocess.run(
        [sys.executable, "-c", EARLY_SIGNAL], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout) == (0, f"{128 + signal.SIGTERM}\n"), run.stderr


def test_sigterm_reaches_a_script_s_own_handler(container: Container) -> None:
    container.code(
        "train.py",
        """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print("ready")
        while True: time.sleep(0.05)
        """,
    )
    process = container.start()
    assert process.stdout is not None
    while "ready" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_missing_entry_point_says_what_to_give(container: Container) -> None:
    del container.hyperparameters["sagemaker_program"]
    assert container.run()[0] == 1
    assert "sagemaker_program is missing" in (container.failure or "")


def test_a_program_that_is_not_in_the_source_is_named(container: Container) -> None:
    assert container.run()[0] == 1
    assert "train.py is not in the source" in (container.failure or "")


def test_an_unbuilt_distribution_fails_clearly(container: Container) -> None:
    container.hyperparameters["sagemaker_mpi_enabled"] = "true"
    container.code("train.py", "print('never')")
    code, out, _ = container.run()
    assert (code, "never" in out) == (1, False)
    assert "distribution mpi is not implemented" in (container.failure or "")


@pytest.mark.parametrize(
    ("asked", "launcher"),
    [
        ("sagemaker_torch_distributed_enabled", "torch_distributed"),
        ("sagemaker_pytorch_ddp_enabled", "pytorchddp"),
        ("sagemaker_distributed_dataparallel_enabled", "smdistributed.dataparallel"),
        ("sagemaker_pytorch_xla_multi_worker_enabled", torchrun.ToolkitError),
        ("sagemaker_unheard_of_enabled", None),
    ],
)
def test_launchers_of_torch_s_processes_are_one(asked: str, launcher: Any) -> None:
    environment = environment_of(framework_parameters={asked: True})
    if launcher is torchrun.ToolkitError:
        with pytest.raises(torchrun.ToolkitError, match="pytorchxla is not implemented"):
            torchrun.launcher(environment)
    else:
        assert torchrun.launcher(environment) == launcher
    assert torchrun.launcher(environment_of(framework_parameters={"sagemaker_mpi_enabled": False})) is None


def test_torch_distributed_sets_torchrun_s_variables(container: Container) -> None:
    container.hyperparameters["sagemaker_torch_distributed_enabled"] = "true"
    container.hosts, container.host = ["algo-2", "algo-1"], "algo-2"
    container.code(
        "train.py",
        "import os; print(*(os.environ[k] for k in ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'MASTER_ADDR',"
        " 'MASTER_PORT', 'GLOO_SOCKET_IFNAME')))",
    )
    _, out, err = container.run()
    assert out.splitlines()[-1] == "1 2 0 algo-1 7777 lo", err


def test_each_gpu_gets_a_rank() -> None:
    hosts = [f"algo-{n}" for n in range(1, 12)]
    environment = environment_of(
        num_gpus=2, resource_config={"current_host": "algo-10", "hosts": sorted(hosts)}
    )
    ranks = torchrun.ranks(environment)
    # algo-10 is the tenth host although it sorts second as text.
    assert [rank["RANK"] for rank in ranks] == ["18", "19"]
    assert [rank["LOCAL_RANK"] for rank in ranks] == ["0", "1"]
    assert {rank["WORLD_SIZE"] for rank in ranks} == {"22"}


def test_one_failing_rank_ends_the_others(container: Container) -> None:
    container.code(
        "ranks.py",
        """
        from sagehen.trainingtoolkit import processes, failure
        import sys
        script = ("import os, time, sys\\n"
                  "if os.environ['RANK'] == '1': raise RuntimeError('rank one')\\n"
                  "time.sleep(60)")
        try:
            processes.run_all([sys.executable, "-c", script], [{"RANK": "0"}, {"RANK": "1"}])
        except failure.ExecuteUserScriptError as error:
            print(error.script_code, error.error_message)
        """,
    )
    done = subprocess.run(
        [sys.executable, str(container.base / "code" / "ranks.py")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "1 RuntimeError: rank one"


def test_requirements_that_are_satisfied_install_nothing(container: Container, tmp_path: Path) -> None:
    container.code("requirements.txt", "pip\n")
    container.code("train.py", "print('ran')")
    code, out, err = container.run(PIP_PREFIX=str(tmp_path / "packages"), HOME=str(tmp_path))
    assert code == 0, err
    assert "Every requirement is satisfied" in out and "ran" in out
    assert not (tmp_path / "packages").exists()


@pytest.mark.parametrize("named_by", ["requirements", "platform"])
def test_a_missing_requirement_is_installed_for_the_job_alone(
    container: Container, tmp_path: Path, named_by: str
) -> None:
    package = tmp_path / "little"
    package.mkdir()
    (package / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='sagehen-little', version='1.0', py_modules=['little'])\n"
    )
    (package / "little.py").write_text("VALUE = 41\n")
    if named_by == "requirements":
        container.code("requirements.txt", str(package))
    added = {"SAGEHEN_ADDED_PACKAGES": str(package)} if named_by == "platform" else {}
    container.code("train.py", "import little; print('VALUE', little.VALUE)")
    packages = tmp_path / "packages"
    site = packages / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    code, out, err = container.run(
        PIP_PREFIX=str(packages), PYTHONPATH=str(site), HOME=str(tmp_path), PIP_NO_BUILD_ISOLATION="0",
        PIP_NO_INDEX="1", **added,
    )  # fmt: skip
    assert code == 0, err + out
    assert "VALUE 41" in out


def test_the_script_s_own_failure_file_is_kept(container: Container) -> None:
    (container.base / "output").mkdir()
    container.code(
        "train.py", "import os\nopen(os.environ['SM_OUTPUT_DIR'] + '/failure', 'w').write('mine')\n1 / 0"
    )
    code, _, _ = container.run()
    assert (code, container.failure) == (1, "mine")


def test_a_code_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    for folder in ("code", "elsewhere"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "train.py").write_text(folder)
    named = {"sagemaker_submit_directory": str(tmp_path / "elsewhere")}
    bring = source.bring(environment_of(base=tmp_path, framework_parameters=named))
    assert (bring / "train.py").read_text() == "code"


def test_what_needs_another_version_of_what_is_there_is_refused(container: Container, tmp_path: Path) -> None:
    package = tmp_path / "needy"
    package.mkdir()
    (package / "setup.py").write_text(
        "from setuptools import setup\n"
        "setup(name='sagehen-needy', version='1', install_requires=['pytest<1'])\n"
    )
    container.code("requirements.txt", str(package))
    container.code("train.py", "print('never')")
    code, out, err = container.run(
        PIP_PREFIX=str(tmp_path / "p"), HOME=str(tmp_path), PIP_NO_BUILD_ISOLATION="0", PIP_NO_INDEX="1"
    )
    assert code == 1 and "never" not in out
    told = f"do not go with what this environment has (pytest=={pytest.__version__})"
    assert told in (container.failure or ""), err


def test_pip_s_failure_is_the_job_s(container: Container, tmp_path: Path) -> None:
    container.code("requirements.txt", "no-such-package-of-sagehen==9\n")
    container.code("train.py", "print('never')")
    code, out, _ = container.run(PIP_PREFIX=str(tmp_path / "p"), PIP_NO_INDEX="1", HOME=str(tmp_path))
    assert code == 1 and "never" not in out
    assert "pip could not install" in (container.failure or "")

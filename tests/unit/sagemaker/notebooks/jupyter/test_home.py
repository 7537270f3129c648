"""The home that a machine gets: environments that pip can install into, and the commands of scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from sagehen.services.sagemaker.notebooks.jupyter.inside import prepare


def _home(folder: Path, monkeypatch: pytest.MonkeyPatch, *, root_access: bool = True) -> Path:
    home, plan = folder / "home", folder / "plan.json"
    entry = {
        "folder": "python3", "base": os.path.realpath(sys.executable), "version": "3.0",
        "site": sysconfig.get_path("purelib"), "more": "", "short": "{}.{}".format(*sys.version_info[:2]),
    }  # fmt: skip
    path = f"{home}/.local/bin:{home}/anaconda3/envs/python3/bin:{home}/anaconda3/bin:/usr/bin:/bin"
    content = {
        "home": str(home), "conda": str(home / "anaconda3"), "path": path, "root_access": root_access,
        "environments": [entry], "aliases": {"pytorch_p36": "python3"},
    }  # fmt: skip
    plan.write_text(json.dumps(content))
    monkeypatch.setattr(sys, "argv", ["prepare", str(plan)])
    prepare.main()
    return home


def _shell(home: Path, text: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-l"], input=text, env={"HOME": str(home)}, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).splitlines()


def test_environments_are_a_layer_over_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _home(tmp_path, monkeypatch)
    environment = home / "anaconda3" / "envs" / "python3"
    where = "import sys, sysconfig, pip, boto3; print(sys.prefix); print(sysconfig.get_path('purelib'))"
    prefix, packages, *commands = _shell(home, f'python -c "{where}"; which python pip')
    assert commands == [str(environment / "bin" / name) for name in ("python", "pip")]
    # pip installs below the first, which comes before what it lies over.
    assert prefix == str(environment)
    assert packages.startswith(prefix)
    (Path(packages) / "boto3.py").write_text("")
    assert _shell(home, "python -c 'import boto3; print(boto3.__file__)'") == [f"{packages}/boto3.py"]


def test_the_first_words_of_peoples_scripts_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _home(tmp_path, monkeypatch)
    script = """
sudo -u ec2-user -i <<'EOF'
source activate pytorch_p36
echo $CONDA_DEFAULT_ENV
source deactivate
echo "[$CONDA_DEFAULT_ENV]"
EOF
sudo -E A=1 sh -c 'echo $A'
conda activate python3 && echo $CONDA_DEFAULT_ENV
source activate nothing || echo failed
conda install x || echo no conda
"""
    assert _shell(home, script) == [
        "python3", "[]", "1", "python3", "failed", "no conda",
        "Could not find conda environment: nothing",
        "conda install: there is no conda here; pip installs, 'conda activate' enters an environment",
    ]  # fmt: skip


def test_without_root_access_nobody_becomes_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _home(tmp_path, monkeypatch, root_access=False)
    assert "RootAccess" in _shell(home, "sudo true && echo became")[-1]
    # Lifecycle scripts have this in front.
    assert _shell(home, "PATH=~/.local/lifecycle:$PATH; sudo echo became") == ["became"]

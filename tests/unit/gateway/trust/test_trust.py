"""What a shell of `sagehen env` trusts: the platform in AWS's place, and everybody whom the system trusts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagehen.cli.env.variables import variables
from sagehen.cli.running import RunningPlatform
from sagehen.gateway.trust.bundle import bundle_of, write_bundle
from sagehen.gateway.trust.local_ca import LocalCa
from tests.unit.gateway.conftest import ACCOUNT, KEY, SECRET, RunningDoor, run_door
from tests.unit.gateway.s3.real_aws import real_aws

OURS, REAL = "https://s3.us-east-1.amazonaws.com/public/k", "https://elsewhere.s3.amazonaws.com/k"
WORLD = "https://www.example.org/simple/seen/"
NODE = """
const [url, port] = process.argv.slice(1), { hostname, pathname } = new URL(url);
const ask = require('http').request({ port, host: '127.0.0.1', method: 'CONNECT', path: hostname + ':443' });
ask.on('connect', (_, socket) => {
  const tls = require('tls').connect({ socket, servername: hostname }, () =>
    tls.write(`GET ${pathname} HTTP/1.1\\r\\nHost: ${hostname}\\r\\nConnection: close\\r\\n\\r\\n`));
  tls.on('data', (data) => process.stdout.write(data)); tls.on('error', (e) => { throw e; });
}).end();
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a shell; the "system's" authorities are those of the test's world."""
    with pytest.MonkeyPatch.context() as patch, real_aws(tmp_path_factory.mktemp("real")) as internet:
        patch.setenv("SSL_CERT_FILE", str(internet.secure.authority.certificate_path))
        internet.secure.content = b"real"
        for door in run_door(tmp_path_factory.mktemp("door"), internet=internet):
            door.objects.stored["public", "k"] = b"ours"
            yield of(door) | {"PORT": str(door.port)}


def of(door: RunningDoor) -> dict[str, str]:
    platform = RunningPlatform(
        Path(), 1, "127.0.0.1", door.port, "us-east-1", ACCOUNT, KEY, SECRET,
        str(door.door.ca_certificate_path),
    )  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | variables(platform)


def run(shell: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, env=shell, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


FETCH = {
    "curl": ("curl", "-sS"),
    "urllib": (
        sys.executable, "-c",
        "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())",
    ),
    "requests": (sys.executable, "-c", "import sys, requests; print(requests.get(sys.argv[1]).text)"),
}  # fmt: skip


@pytest.mark.parametrize("program", FETCH)
def test_programs_trust_all_three(shell: dict[str, str], program: str) -> None:
    command = FETCH[program]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {program} on this machine")
    if program == "requests":
        pytest.importorskip("requests")
    for url, content in ((OURS, "ours"), (REAL, "real"), (WORLD, "seen-1.5")):
        assert content in run(shell, *command, url)


def test_pip(shell: dict[str, str], tmp_path: Path) -> None:
    assert "1.5" in run(
        shell | {"PIP_CONFIG_FILE": os.devnull, "HOME": str(tmp_path)},
        sys.executable, "-m", "pip", "index", "versions", "seen", "--index-url",
        "https://www.example.org/simple/", "--disable-pip-version-check", "--no-cache-dir",
    )  # fmt: skip


def test_git(shell: dict[str, str]) -> None:
    if shutil.which("git") is None:
        pytest.skip("no git on this machine")
    for url in (OURS, REAL):  # no repository, but reached: a certificate would be another complaint
        done = subprocess.run(
            ("git", "ls-remote", url), env=shell | {"GIT_TERMINAL_PROMPT": "0"},
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert "certificate" not in done.stderr.lower() and "ssl" not in done.stderr.lower(), done.stderr


def test_node(shell: dict[str, str]) -> None:
    if shutil.which("node") is None:
        pytest.skip("no node on this machine")
    assert run(shell, "node", "-e", NODE, OURS, shell["PORT"]).endswith("ours")


def test_the_bundle(tmp_path: Path, internet_file: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\nb3Vycw==\n-----END CERTIFICATE-----\n")
    bundle = write_bundle(authority, {"SSL_CERT_FILE": str(internet_file)})
    text = bundle.read_text()
    assert text.startswith(authority.read_text()) and "dGhlaXJz" in text
    assert text.count("BEGIN CERTIFICATE") > 50  # the system's, or Mozilla's
    stamp = bundle.stat().st_mtime_ns
    # Started from a shell that has the bundle already: nothing is added, nothing written.
    assert write_bundle(authority, {"SSL_CERT_FILE": str(internet_file), "CURL_CA_BUNDLE": str(bundle)})
    assert bundle.stat().st_mtime_ns == stamp
    assert bundle_of([authority, authority, tmp_path / "none"]) == authority.read_text()


def test_an_authority_that_is_older_than_a_domain_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("sagehen.gateway.trust.local_ca.DOMAINS", ("amazonaws.com",))
        LocalCa(tmp_path).ensure()
    made = []
    for _ in range(2):
        authority = LocalCa(tmp_path)
        made.append(authority.certificate_path.read_text())
        authority.ensure()
    assert made[0] != made[1] == authority.certificate_path.read_text()


@pytest.fixture
def internet_file(tmp_path: Path) -> Path:
    file = tmp_path / "corporate.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\ndGhlaXJz\n-----END CERTIFICATE-----\n")
    return file

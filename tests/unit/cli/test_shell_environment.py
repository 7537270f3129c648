"""`sagehen env`: what a shell gets."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from sagehen.app.reach import Elsewhere
from sagehen.cli.env.variables import exports, exports_elsewhere, variables
from sagehen.cli.running import RunningPlatform

PLATFORM = RunningPlatform(
    data_folder=Path("/data"),
    pid=1,
    host="127.0.0.1",
    port=4566,
    region="eu-west-1",
    account_id="123456789012",
    access_key_id="AKIA",
    secret_access_key="it's; $(a) secret",
    ca_certificate="/data/ca/ca.pem",
)


def test_a_shell_reads_back_exactly_what_was_meant() -> None:
    script = exports(variables(PLATFORM)) + '\nprintf "%s|%s" "$AWS_SECRET_ACCESS_KEY" "$AWS_ENDPOINT_URL"'
    read = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout
    assert read == "it's; $(a) secret|http://127.0.0.1:4566"


def test_leaving_a_role_leaves_no_session_token_behind() -> None:
    session = {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t"}
    as_role = exports(variables(PLATFORM, session))
    assert "AWS_SESSION_TOKEN=t" in as_role and "ASIA" in as_role
    assert exports(variables(PLATFORM)).splitlines()[-1] == "unset AWS_PROFILE AWS_SESSION_TOKEN"


def test_pinned_hosts_go_through_the_proxy_door() -> None:
    environment = variables(PLATFORM)
    for name in ("HTTPS_PROXY", "https_proxy", "http_proxy"):
        assert environment[name] == "http://127.0.0.1:4566"
    assert not {"HTTP_PROXY", "ALL_PROXY", "all_proxy"} & environment.keys()
    for name in ("NO_PROXY", "no_proxy"):
        assert {"127.0.0.1", "localhost"} <= set(environment[name].split(","))


def test_another_machine_gets_a_file_of_whom_to_trust(tmp_path: Path) -> None:
    opened = replace(PLATFORM, elsewhere=Elsewhere("https://192.0.2.9:4566", "/data/tls/ca.pem"))
    authority = "-----BEGIN CERTIFICATE-----\nit's; $(mine)\n-----END CERTIFICATE-----\n"
    told = '\nprintf "%s\\n" "$AWS_ENDPOINT_URL"; cat "$AWS_CA_BUNDLE"'
    script = exports_elsewhere(opened, authority) + told
    shell = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    read = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True, env=shell).stdout
    assert read == f"https://192.0.2.9:4566\n{authority}"
    assert "AWS_CA_BUNDLE" not in exports_elsewhere(opened, "")  # the system there trusts who vouched for it


@pytest.mark.parametrize(
    ("host", "url", "beside"),
    [
        ("0.0.0.0", "http://127.0.0.1:4566", set()),
        ("::", "http://[::1]:4566", set()),
        ("192.0.2.7", "http://192.0.2.7:4566", {"192.0.2.7"}),
    ],
)
def test_wherever_it_listens_the_platform_is_reached_past_its_own_door(
    host: str, url: str, beside: set[str]
) -> None:
    """The door leads neither to unspecified addresses nor to the platform itself."""
    environment = variables(replace(PLATFORM, host=host))
    assert environment["AWS_ENDPOINT_URL"] == environment["https_proxy"] == url
    for name in ("NO_PROXY", "no_proxy"):
        assert set(environment[name].split(",")) == {"127.0.0.1", "localhost", "::1"} | beside


def test_everything_in_the_shell_trusts_the_system_and_us() -> None:
    environment = variables(PLATFORM)
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"):
        assert environment[name] == "/data/ca/bundle.pem"
    assert environment["NODE_EXTRA_CA_CERTS"] == "/data/ca/ca.pem"


def test_the_sagemaker_sdk_has_no_defaults_to_look_up() -> None:
    """It checks all of them at each look-up: 2 s of every Estimator(). The door keeps its telemetry here."""
    assert not [name for name in variables(PLATFORM) if name.startswith("SAGEMAKER_")]

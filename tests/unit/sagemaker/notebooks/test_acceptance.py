"""What is taken of requests, and what their parts become: tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.notebooks import acceptance, condition_keys
from sagehen.services.sagemaker.notebooks.addresses import address
from sagehen.services.sagemaker.notebooks.code_repositories.cloning import clones, require_cloneable
from sagehen.services.sagemaker.notebooks.failure import clone_failed
from sagehen.services.sagemaker.notebooks.lifecycle_configs.scripts import content_of
from tests.unit.sagemaker.notebooks.test_states import ONE

LEAST = {"InstanceType": "ml.t3.medium", "RoleArn": "role"}


@pytest.mark.parametrize(
    "members",
    [
        {"InstanceType": "ml.q9.enormous"},
        {"AcceleratorTypes": ["ml.eia2.medium"]},
        {"DirectInternetAccess": "Disabled"},
        {"SecurityGroupIds": ["sg-1"]},
        {"DefaultCodeRepository": "https://"},
        {"AdditionalCodeRepositories": ["https://example.com/a b"]},
    ],
)
def test_what_cannot_be_made(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationException):
        acceptance.created(LEAST | members)


def test_what_terraform_sends_for_nothing_is_nothing() -> None:
    settings = acceptance.created(LEAST | {"SecurityGroupIds": [], "AcceleratorTypes": []})
    assert settings == acceptance.created(LEAST)
    assert (settings.volume_gb, settings.root_access, settings.internet) == (5, True, True)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"VolumeSizeInGB": 20}, {"volume_gb": 20}),
        ({"RootAccess": "Disabled"}, {"root_access": False}),
        ({"LifecycleConfigName": "new"}, {"lifecycle_config": "new"}),
        ({"DisassociateLifecycleConfig": True}, {"lifecycle_config": ""}),
        ({"DisassociateDefaultCodeRepository": True}, {"default_repository": ""}),
        ({"AdditionalCodeRepositories": ["b"]}, {"additional_repositories": ("b",)}),
        ({"DisassociateAdditionalCodeRepositories": True}, {"additional_repositories": ()}),
        ({"DisassociateAcceleratorTypes": True}, {}),
        ({"PlatformIdentifier": "notebook-al2-v3"}, {"platform_identifier": "notebook-al2-v3"}),
        (
            {"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"}},
            {"metadata_version": "2"},
        ),
        ({"IpAddressType": "dualstack"}, {"ip_address_type": "dualstack"}),
        ({"VolumeSizeInGB": 9}, None),
        ({"DisassociateLifecycleConfig": True, "LifecycleConfigName": "new"}, None),
    ],
)
def test_what_an_update_changes(request_: dict[str, Any], expected: dict[str, Any] | None) -> None:
    before = replace(
        ONE.settings,
        volume_gb=10,
        lifecycle_config="old",
        default_repository="a",
        additional_repositories=("a", "b"),
    )
    instance = replace(ONE, settings=before)
    if expected is None:
        with pytest.raises(ValidationException):
            acceptance.changed(instance, request_)
    else:
        assert acceptance.changed(instance, request_) == replace(before, **expected)


def test_condition_keys_know_the_defaults_of_a_creation_and_no_others() -> None:
    assert condition_keys.of_creation(LEAST) == {
        "sagemaker:InstanceTypes": ("ml.t3.medium",),
        "sagemaker:RootAccess": "Enabled",
        "sagemaker:DirectInternetAccess": "Enabled",
        "sagemaker:MinimumInstanceMetadataServiceVersion": "1",
    }
    in_vpc = {"SubnetId": "s", "SecurityGroupIds": ["g"], "KmsKeyId": "k", "DirectInternetAccess": "Disabled"}
    assert condition_keys.of_creation(LEAST | in_vpc) | {
        "sagemaker:VpcSubnets": ("s",),
        "sagemaker:VpcSecurityGroupIds": ("g",),
        "sagemaker:VolumeKmsKey": "k",
        "sagemaker:DirectInternetAccess": "Disabled",
    } == condition_keys.of_creation(LEAST | in_vpc)
    assert condition_keys.of_update({"RootAccess": "Disabled"}) == {"sagemaker:RootAccess": "Disabled"}


@pytest.mark.parametrize(
    ("url", "branch"),
    [
        ("https://git.example/a/..", ""),
        ("https://git.example/", ""),
        ("https:///a/b.git", ""),
        ("https://git.example/a/b\x00c", ""),
        ("https://git.example:99999/a/b", ""),
        ("https://[git.example/a/b", ""),
        ("https://git.example/a/b", "--upload-pack=sh"),
        ("https://git.example/a/b", "a branch"),
    ],
)
def test_what_git_would_take_for_something_else(url: str, branch: str) -> None:
    with pytest.raises(ValidationException):
        require_cloneable(url, branch)


def test_repositories_go_into_folders_of_their_names() -> None:
    found = clones(
        [
            ("https://git.example/a/lab.git", ""),
            ("https://git.example/b/lab/", "main"),
            ("https://git.example/b/other?x=1", ""),
        ]
    )
    assert [clone.folder for clone in found] == ["lab", "lab-2", "other"]
    assert found[1].command()[-3:] == ("lab-2", "https://git.example/b/lab/", "main")


def test_the_reason_of_a_failed_clone_is_gits_own() -> None:
    lines = ["Cloning into 'lab'...", "fatal: could not read Username", "see the docs"]
    assert clone_failed("https://x/lab", lines, 128) == "fatal: could not read Username"
    assert clone_failed("https://x/lab", [], 1) == "Cloning https://x/lab failed."
    assert clone_failed("https://x/lab", lines, None) == "Cloning https://x/lab took too long."


def test_scripts_are_base64_with_or_without_line_breaks() -> None:
    assert content_of({"OnStart": [{"Content": "ZWNo\nbyAx\n"}]}, "OnStart") == "ZWNo\nbyAx\n"
    assert content_of({"OnStart": []}, "OnStart") == ""
    assert content_of({}, "OnStart") is None
    with pytest.raises(ValidationException):
        content_of({"OnStart": [{"Content": "#!/bin/bash"}]}, "OnStart")


@pytest.mark.parametrize(
    ("host", "options", "expected"),
    [
        ("127.0.0.1:4566", {}, "http://nb.notebook.us-east-1.localhost:4566/"),
        ("localhost:4566", {"secure": True}, "https://nb.notebook.us-east-1.localhost:4566/"),
        ("sagemaker.us-east-1.amazonaws.com", {}, "https://nb.notebook.us-east-1.sagemaker.aws/"),
        (
            "api.localhost.localstack.cloud:80",
            {},
            "http://nb.notebook.us-east-1.localhost.localstack.cloud:80/",
        ),
        ("[::1]:4566", {}, "http://nb.notebook.us-east-1.localhost:4566/"),
        ("[2001:db8::1]:4566", {}, "http://[2001:db8::1]:4566/_aws/notebook/us-east-1/nb/"),
        ("gpu.lan:4566", {}, "http://gpu.lan:4566/_aws/notebook/us-east-1/nb/"),
        ("127.0.0.1:4566", {"from_sandbox": True}, "http://127.0.0.1:4566/_aws/notebook/us-east-1/nb/"),
    ],
)
def test_the_address_is_one_for_who_asks(host: str, options: dict[str, bool], expected: str) -> None:
    assert address("nb", "us-east-1", host=host, **options) == expected

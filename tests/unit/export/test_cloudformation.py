"""The template reads back as what was meant, whatever users call their things."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from sagehen.export.graph.exported import exported
from sagehen.export.graph.linking import linked
from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named
from sagehen.export.writing.cloudformation.written import cloudformation, commands
from sagehen.export.writing.comments import one_line, shell_word, sync_pattern
from tests.unit.export.scene import ACCOUNT, HOSTILE, REGION, whole


class Loader(yaml.SafeLoader):
    """Keeps short forms as (name, argument)."""


def _function(loader: yaml.SafeLoader, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return (suffix, loader.construct_sequence(node))
    return (suffix, loader.construct_scalar(node))


Loader.add_multi_constructor("!", _function)


def read(**variables: str) -> tuple[str, dict[str, Any]]:
    text = cloudformation(whole(**variables))["template.yaml"].decode()
    return text, yaml.load(text, Loader)


def test_a_template_of_the_scene() -> None:
    text, document = read(ENDPOINT="classifier")
    found = document["Resources"]
    assert found["ClassifierModel"]["Properties"]["ExecutionRoleArn"] == ("GetAtt", "AskRole.Arn")
    assert found["ClassifierModel"]["Condition"] == "Filled" and "Condition" not in found["AskRole"]
    assert found["DogsBucket"]["Properties"] == {"BucketName": ("Ref", "DogsBucketName")}
    assert found["DogsBucket"]["DeletionPolicy"] == "Retain"
    assert found["AskFunction"]["Properties"]["Code"] == {
        "S3Bucket": ("Ref", "PackagesBucketName"),
        "S3Key": "packages/Ask-1.zip",
    }
    lacking = {name for name, one in document["Parameters"].items() if "Default" not in one}
    assert lacking == {"DogsBucketName", "PackagesBucketName"}
    assert "123456789012" not in text.partition("AWSTemplateFormatVersion")[2]


def test_texts_of_users_are_data() -> None:
    text, document = read(ODD=HOSTILE, PLAIN="$x", NUMBER="017", TRUTH="yes", MANY="a\nb\n")
    told = document["Resources"]["AskFunction"]["Properties"]["Environment"]["Variables"]
    assert told["ODD"] == ("Sub", HOSTILE.replace("${", "${!"))
    assert told["PLAIN"] == "$x" and told["NUMBER"] == "017" and told["TRUTH"] == "yes"
    assert told["MANY"] == "a\nb\n"
    head = text.partition("AWSTemplateFormatVersion")[0]
    assert all(line.startswith("#") or not line for line in head.split("\n"))
    assert "a\\n!Ref b" in head


@pytest.mark.parametrize(
    "word",
    [
        "plain/x.tar.gz",
        "it's",
        "$(id)`id`;",
        "a\nb",
        "tab\there",
        "\\",
        "-x",
        "",
        "é狗",
        "\u2028x",
        "a\nb'c\\d!",
    ],
)
def test_a_word_is_one_word_of_bash_in_one_line(word: str) -> None:
    written = shell_word(word)
    assert one_line(written) == written
    script = f"printf '%s' {written}"
    told = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout.decode()
    assert told == word


def test_a_key_with_wildcards_means_itself() -> None:
    assert sync_pattern("a[1]*?.gz") == "a[[]1][*][?].gz"


def test_the_commands_fill_the_buckets_between_two_deployments() -> None:
    lines = list(commands(whole()))
    deployed = [place for place, line in enumerate(lines) if line.startswith("aws cloudformation deploy")]
    synced = [place for place, line in enumerate(lines) if " s3 sync " in line]
    assert len(deployed) == 2 and deployed[0] < min(synced) <= max(synced) < deployed[1]
    assert "BucketsFilled=no" in lines[deployed[0]] and "BucketsFilled=yes" in lines[deployed[1]]
    assert any("--include jobs/1/model.tar.gz" in line for line in lines)


def test_what_no_stack_may_have_is_said() -> None:
    def remarks(count: int, text: str = "") -> list[str]:
        names = [f"bucket-{number}" for number in range(count)]
        nodes = [
            Node(
                key := Key("AWS::S3::Bucket", name), name, {"BucketName": Named(key, "", name), "Tags": text}
            )
            for name in names
        ]
        told = exported(linked(nodes, REGION, ACCOUNT), REGION, ACCOUNT)
        return [line for line in commands(told) if line.startswith("# It")]

    assert remarks(2) == []
    [sent] = remarks(2, "x" * 60_000)
    assert sent.startswith("# It is too long to be sent")
    assert [line.split(", and ")[1] for line in remarks(501)[1:]] == [
        "no stack may have more than 500: export chains.",
        "no stack may have more than 200: export chains.",
    ]
    assert any("bytes, and no stack" in line for line in remarks(2, "x" * 600_000))


@pytest.mark.skipif(find_spec("cfnlint") is None, reason="cfn-lint is not installed (moto brings it)")
def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_bytes(cloudformation(whole(ENDPOINT="classifier"))["template.yaml"])
    lint = Path(sys.executable).parent / "cfn-lint"
    told = subprocess.run([lint, str(file)], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout

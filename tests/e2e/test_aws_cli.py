"""The `aws` command as it is, in a shell with `sagehen env`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from sagehen.cli.operator import act
from tests.e2e.conftest import shell_environment
from tests.e2e.shell import Shell
from tests.running import RunningSagehen
from tests.waiting import eventually


@pytest.fixture(scope="module")
def shell(sagehen: RunningSagehen) -> Shell:
    return Shell(shell_environment(sagehen))


def test_copies_and_syncs_folders(shell: Shell, tmp_path: Path) -> None:
    source, back = tmp_path / "images", tmp_path / "back"
    for name in ("train/a/1.jpg", "train/a/2.jpg", "train/ä b/3+x.jpg", "valid/a/4.jpg"):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 100)
    (source / "large.bin").write_bytes(os.urandom(20_000_000))  # multipart: over 8 MiB
    shell.text("s3", "mb", "s3://cli-bucket")
    shell.text("s3", "cp", "--recursive", str(source), "s3://cli-bucket/images/", "--quiet")
    listed = shell.text("s3", "ls", "--recursive", "s3://cli-bucket/images/")
    assert len(listed.splitlines()) == 5
    shell.text("s3", "sync", "s3://cli-bucket/images/", str(back), "--quiet")
    for path in source.rglob("*"):
        if path.is_file():
            assert (back / path.relative_to(source)).read_bytes() == path.read_bytes()
    assert shell.text("s3", "sync", str(back), "s3://cli-bucket/images/") == ""  # nothing left to do
    (source / "valid/a/4.jpg").unlink()
    removed = shell.text("s3", "sync", "--delete", str(source), "s3://cli-bucket/images/")
    assert "delete: s3://cli-bucket/images/valid/a/4.jpg" in removed
    shell.text("s3", "rb", "--force", "s3://cli-bucket")


def test_presigned_url_of_the_cli(shell: Shell, tmp_path: Path) -> None:
    import urllib.request

    (tmp_path / "x.txt").write_text("hello")
    shell.text("s3", "mb", "s3://presigned-by-cli")
    shell.text("s3", "cp", str(tmp_path / "x.txt"), "s3://presigned-by-cli/x.txt")
    url = shell.text("s3", "presign", "s3://presigned-by-cli/x.txt").strip()
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.read() == b"hello"


def test_who_am_i_and_iam(shell: Shell) -> None:
    assert shell.json("sts", "get-caller-identity")["Arn"] == "arn:aws:iam::123456789012:root"
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )
    created = shell.json(
        "iam", "create-role", "--role-name", "cli-role", "--assume-role-policy-document", trust
    )
    assert created["Role"]["Arn"] == "arn:aws:iam::123456789012:role/cli-role"
    refused = shell.aws(
        "iam", "create-role", "--role-name", "cli-role", "--assume-role-policy-document", trust
    )
    assert "EntityAlreadyExists" in refused.stderr
    assert "Role with name cli-role already exists." in refused.stderr
    names = [role["RoleName"] for role in shell.json("iam", "list-roles")["Roles"]]
    assert "cli-role" in names and "SagehenSageMakerExecutionRole" in names


def test_sagemaker_and_logs(shell: Shell) -> None:
    assert shell.json("sagemaker", "list-training-jobs")["TrainingJobSummaries"] == []
    missing = shell.aws("sagemaker", "describe-endpoint", "--endpoint-name", "nothing-here")
    assert missing.returncode != 0 and "ValidationException" in missing.stderr
    shell.text("logs", "create-log-group", "--log-group-name", "/by/cli")
    shell.text("logs", "create-log-stream", "--log-group-name", "/by/cli", "--log-stream-name", "one")
    event = json.dumps([{"timestamp": int(time.time() * 1000), "message": "a line by hand"}])
    shell.json(
        "logs",
        "put-log-events",
        "--log-group-name",
        "/by/cli",
        "--log-stream-name",
        "one",
        "--log-events",
        event,
    )
    found = shell.json("logs", "filter-log-events", "--log-group-name", "/by/cli")["events"]
    assert [event["message"] for event in found] == ["a line by hand"]


def test_logs_tail_of_version_2(shell: Shell) -> None:
    """`aws logs tail` exists in version 2 only, which PyPI does not have; Debian does."""
    second = Path("/usr/bin/aws")
    if (
        not second.exists()
        or b"aws-cli/2" not in subprocess.run([second, "--version"], capture_output=True).stdout
    ):
        pytest.skip("no AWS CLI version 2 on this machine (apt-get install awscli)")
    shell.text("logs", "create-log-group", "--log-group-name", "/tailed")
    shell.text("logs", "create-log-stream", "--log-group-name", "/tailed", "--log-stream-name", "one")
    event = json.dumps([{"timestamp": int(time.time() * 1000), "message": "for the tail"}])
    shell.text(
        "logs",
        "put-log-events",
        "--log-group-name",
        "/tailed",
        "--log-stream-name",
        "one",
        "--log-events",
        event,
    )
    # Version 2 has no AWS_ENDPOINT_URL before 2.13; Debian 12 ships 2.9.
    tailed = subprocess.run(
        [second, "--endpoint-url", shell.environment["AWS_ENDPOINT_URL"], "logs", "tail", "/tailed"],
        capture_output=True,
        text=True,
        env=shell.environment,
        timeout=60,
    )
    assert "for the tail" in tailed.stdout, tailed.stderr


def test_an_undeclared_operation_says_so(shell: Shell) -> None:
    refused = shell.aws("sagemaker", "list-auto-ml-jobs")
    assert refused.returncode != 0
    assert "NotImplemented" in refused.stderr and "ListAutoMLJobs" in refused.stderr


IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
_OPEN = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "127.0.0.0/8"}]}


class Machine:
    """An EC2 instance, with OpenSSH's clients in front of it."""

    def __init__(self, sagehen: RunningSagehen, ec2: Any, key: Path, instance_id: str) -> None:
        self.id = instance_id
        self._sagehen = sagehen
        self._ec2 = ec2
        self._options = [
            *("-F", "none", "-i", str(key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"),
            *("-o", "StrictHostKeyChecking=accept-new", "-o", f"UserKnownHostsFile={key.parent / 'hosts'}"),
        ]

    def comes_up(self) -> None:
        def address() -> str:
            [found] = self._ec2.describe_instances(InstanceIds=[self.id])["Reservations"][0]["Instances"]
            return found["State"]["Name"] == "running" and found["PublicIpAddress"]

        self._address = eventually(address)
        ports = act(self._sagehen.data_folder, "ssh-ports", {})["Ports"]
        self._port = str(ports.get(self.id, 22))

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run("ssh", "-p", self._port, f"ec2-user@{self._address}", *words)

    def scp(self, source: str, target: str) -> None:
        there = f"ec2-user@{self._address}"
        copied = self._run("scp", "-P", self._port, *(each.format(there=there) for each in (source, target)))
        assert copied.returncode == 0, copied.stderr

    def _run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *self._options, *words],
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )


@pytest.mark.sandbox
@pytest.mark.skipif(shutil.which("scp") is None, reason="no OpenSSH client (scripts/system-packages)")
def test_a_machine_by_ssh_and_scp(sagehen: RunningSagehen, shell: Shell, tmp_path: Path) -> None:
    key, model, back = tmp_path / "key.pem", tmp_path / "model.pt", tmp_path / "back.pt"
    query = ("--query", "KeyMaterial", "--output", "text")
    key.touch(0o600)
    key.write_text(shell.text("ec2", "create-key-pair", "--key-name", "me", "--key-type", "ed25519", *query))
    model.write_bytes(os.urandom(300_000))
    environment = shell.environment
    ec2 = boto3.client(
        "ec2",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    group = ec2.create_security_group(GroupName="ssh", Description="22")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[_OPEN])
    made = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="t3.micro",
        MinCount=2,
        MaxCount=2,
        KeyName="me",
        SecurityGroupIds=[group],
    )["Instances"]
    mine, other = (Machine(sagehen, ec2, key, each["InstanceId"]) for each in made)
    for machine in (mine, other):
        machine.comes_up()
    mine.scp(str(model), "{there}:model.pt")
    inside = mine.ssh("whoami; stat -c %s model.pt; sudo touch /opt/mark")
    assert (inside.returncode, inside.stdout) == (0, "ec2-user\n300000\n"), inside.stderr
    assert other.ssh("ls model.pt /opt/mark").returncode == 2
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[_OPEN])
    assert other.ssh("true").returncode == 255
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[_OPEN])

    ec2.stop_instances(InstanceIds=[mine.id])
    stopped = {"Name": "instance-state-name", "Values": ["stopped"]}
    eventually(lambda: ec2.describe_instances(InstanceIds=[mine.id], Filters=[stopped])["Reservations"])
    ec2.start_instances(InstanceIds=[mine.id])
    mine.comes_up()
    mine.scp("{there}:model.pt", str(back))
    assert back.read_bytes() == model.read_bytes()
    assert mine.ssh("ls /opt/mark").stdout == "/opt/mark\n"
    ec2.terminate_instances(InstanceIds=[mine.id, other.id])
    eventually(lambda: not ec2.describe_volumes()["Volumes"])

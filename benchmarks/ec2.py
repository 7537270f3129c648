"""An EC2 machine's start: from RunInstances to the first line of its user data, and to a login by ssh.

Through the platform, as a user would: boto3, and OpenSSH's client with the key that CreateKeyPair gave.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.processes import Platform
from benchmarks.signed import client
from benchmarks.table import Row, Table, milliseconds

_ROUNDS = 9
_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
_SCRIPT = "#!/bin/bash\necho BEGAN $(date +%s.%N)\n"
_BEGAN = re.compile(r"BEGAN (\d+\.\d+)")
_NAME = "bench"
_PATIENCE_S = 60.0


def measure(say: Callable[[str], None]) -> Table:
    """Start machines one after the other; the first of a platform's life apart."""
    scripts, logins, call = [], [], []
    with Platform() as platform, tempfile.TemporaryDirectory() as folder:
        machines = _Machines(client("ec2", platform.url, platform.keys), Path(folder))
        say("the first machine")
        first = machines.start()
        for number in range(_ROUNDS):
            say(f"round {number + 1}/{_ROUNDS}")
            called, script, login = machines.start()
            call.append(called)
            scripts.append(script)
            logins.append(login)
    rows = [
        _row("RunInstances itself", call, first[0]),
        _row("to the first line of user data", scripts, first[1], "aim: under 300 ms"),
        _row("to the end of a first login by ssh", logins, first[2]),
    ]
    return Table(
        "An EC2 machine's start",
        method=(
            f"From the call of RunInstances; medians of {_ROUNDS} machines after a first one, whose figure "
            "stands beside. ssh is tried every 20 ms from the moment that the machine has an address."
        ),
        rows=rows,
    )


def _row(what: str, taken: Sequence[float], first: float, aim: str = "") -> Row:
    note = f"{milliseconds(min(taken))} to {milliseconds(max(taken))}; the first {milliseconds(first)}"
    return Row(what, milliseconds(statistics.median(taken)), note=f"{note}; {aim}" if aim else note)


class _Machines:
    """Starts machines that ssh reaches, and ends them."""

    def __init__(self, ec2: Any, folder: Path) -> None:
        self._ec2 = ec2
        self._key = folder / "key.pem"
        made = ec2.create_key_pair(KeyName=_NAME, KeyType="ed25519")
        self._key.touch(0o600)
        self._key.write_text(made["KeyMaterial"])
        self._group = ec2.create_security_group(GroupName=_NAME, Description=_NAME)["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=self._group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="127.0.0.0/8"
        )

    def start(self) -> tuple[float, float, float]:
        """Return the seconds of the call, to the script's first line, and to the end of a login.

        Raises:
            RuntimeError: One of them did not come.
        """
        wall, began = time.time(), time.perf_counter()
        started = self._ec2.run_instances(
            ImageId=_IMAGE, InstanceType="t3.medium", MinCount=1, MaxCount=1, KeyName=_NAME,
            SecurityGroupIds=[self._group], UserData=_SCRIPT,
        )  # fmt: skip
        called = time.perf_counter() - began
        instance = started["Instances"][0]
        identifier, address = instance["InstanceId"], instance["PublicIpAddress"]
        try:
            self._until(lambda: self._logs_in(address))
            login = time.perf_counter() - began
            self._until(lambda: bool(_BEGAN.search(self._console(identifier))))
            line = _BEGAN.search(self._console(identifier))
            assert line is not None
            return called, float(line[1]) - wall, login
        finally:
            self._ec2.terminate_instances(InstanceIds=[identifier])
            self._ec2.get_waiter("instance_terminated").wait(
                InstanceIds=[identifier], WaiterConfig={"Delay": 1}
            )

    def _until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not happened():
            if time.monotonic() > deadline:
                raise RuntimeError(f"nothing within {_PATIENCE_S:.0f} s")
            time.sleep(0.02)

    def _logs_in(self, address: str) -> bool:
        program = shutil.which("ssh")
        if program is None:
            raise RuntimeError("ssh is not installed: openssh-client")
        options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
        command = [program, "-q", "-i", str(self._key), *(word for each in options for word in ("-o", each))]
        asked = subprocess.run(
            [*command, f"ec2-user@{address}", "true"], capture_output=True, timeout=_PATIENCE_S
        )
        return asked.returncode == 0

    def _console(self, identifier: str) -> str:
        return str(self._ec2.get_console_output(InstanceId=identifier).get("Output", ""))

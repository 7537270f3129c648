"""What a boot does for user data."""

from __future__ import annotations

import base64
import gzip
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from sagehen.services.ec2.hosts.boot.cloud_config import File, User
from sagehen.services.ec2.hosts.boot.stages import (
    AddUser,
    AuthorizeKeys,
    Install,
    Power,
    RunScript,
    Say,
    SetHostName,
    Step,
    WriteFile,
    steps_of,
)
from sagehen.services.ec2.hosts.boot.user_data import MOST_BYTES

SCRIPT = b"#!/bin/bash\necho hello\n"
COMPRESSED = gzip.compress(b"hi", mtime=0)  # the cases' names are the same in every process


def first(user_data: bytes) -> list[Step]:
    return steps_of(user_data, first_boot=True)


def config(text: str) -> list[Step]:
    return first(b"#cloud-config\n" + text.encode())


def warnings(steps: list[Step]) -> list[str]:
    return [step.text for step in steps if isinstance(step, Say) and step.text.startswith("WARNING")]


def test_none() -> None:
    assert first(b"") == []


@pytest.mark.parametrize("user_data", [SCRIPT, b"\n  " + SCRIPT, gzip.compress(SCRIPT, mtime=0)])
def test_a_script(user_data: bytes) -> None:
    (step,) = first(user_data)
    assert isinstance(step, RunScript)
    assert (step.name, step.content.strip()) == ("part-001", SCRIPT.strip())


def test_a_script_runs_at_the_first_boot_alone() -> None:
    assert steps_of(SCRIPT, first_boot=False) == []


def test_what_begins_like_nothing_is_said() -> None:
    assert warnings(first(b"echo hello")) == [
        "WARNING: Unhandled non-multipart (text/x-not-multipart) userdata: b'echo hello'..."
    ]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (gzip.compress(SCRIPT, mtime=0)[:-9], "cut off"),
        (b"\x1f\x8bnothing", "gzip"),
        (gzip.compress(bytes(MOST_BYTES + 1), mtime=0), f"more than {MOST_BYTES} bytes"),
    ],
)
def test_broken_compression_is_said(broken: bytes, words: str) -> None:
    (said,) = warnings(first(broken))
    assert words in said


def test_the_order_of_a_config() -> None:
    steps = config(
        """
hostname: trainer
bootcmd: [echo early]
runcmd:
  - echo a && echo b
  - [echo, "two words", 3]
write_files:
  - {path: /etc/first, content: x}
  - {path: /etc/last, content: y, defer: true}
packages: [unzip, [tree, "2.0"]]
users: [default, {name: ann, ssh_authorized_keys: "ssh-ed25519  AAAA ann", sudo: ALL}]
ssh_authorized_keys: [ssh-ed25519 BBBB me]
final_message: ready
power_state: {mode: poweroff}
"""
    )
    assert steps == [
        SetHostName("trainer"),
        WriteFile(File("/etc/first", b"x")),
        RunScript("bootcmd", b"#!/bin/sh\necho early\n"),
        AddUser(User("ann", ("ssh-ed25519 AAAA ann",), sudo=True)),
        AuthorizeKeys(("ssh-ed25519 BBBB me",)),
        Install(("unzip", "tree")),
        WriteFile(File("/etc/last", b"y", deferred=True)),
        RunScript("runcmd", b"#!/bin/sh\necho a && echo b\necho 'two words' 3\n"),
        Say("ready"),
        Power("poweroff"),
    ]


def test_boot_commands_run_at_every_boot() -> None:
    assert steps_of(b"#cloud-config\nbootcmd: [date]\nruncmd: [date]\n", first_boot=False) == [
        RunScript("bootcmd", b"#!/bin/sh\ndate\n")
    ]


@pytest.mark.parametrize(
    ("entry", "file"),
    [
        ("{path: /a, content: x, permissions: '0755'}", File("/a", b"x", 0o755)),
        ("{path: /a, content: x, permissions: 0755}", File("/a", b"x", 0o755)),
        ("{path: /a, content: x, permissions: 0o600}", File("/a", b"x", 0o600)),
        ("{path: /a, content: aGk=, encoding: b64}", File("/a", b"hi")),
        (
            f"{{path: /a, encoding: gz+b64, content: {base64.b64encode(COMPRESSED).decode()}}}",
            File("/a", b"hi"),
        ),
        (
            "{path: /a, content: x, append: true, owner: 'ann:ann'}",
            File("/a", b"x", owner="ann:ann", append=True),
        ),
    ],
)
def test_files(entry: str, file: File) -> None:
    assert config(f"write_files: [{entry}]") == [WriteFile(file)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("write_files: [{path: relative}]", "'relative' is no absolute path"),
        ("write_files: [{content: x}]", "'None' is no absolute path"),
        ("write_files: [{path: /a, content: '!', encoding: b64}]", "/a: no base64"),
        ("write_files: [{path: /a, encoding: rot13}]", "encoding 'rot13' is unknown"),
        ("write_files: 3", "write_files: is no list"),
        ("runcmd: echo", "runcmd: is no list"),
        ("runcmd: [{a: b}]", "neither a line nor a list of words"),
        ("users: [{name: '../x'}]", "'../x' is no name of a user"),
        ("packages: [-rf]", "'-rf' is no package"),
        ("hostname: 'a b'", "'a b' is no host name"),
        ("power_state: {mode: burn}", "mode is none of poweroff, halt, reboot"),
        ("ntp: {}", "ntp: has no effect on this machine"),
        ("runcmd: [", "Failed loading yaml blob"),
        ("- a", "is a list, no mapping"),
    ],
)
def test_what_is_wrong_is_said_and_not_done(text: str, words: str) -> None:
    steps = config(text)
    assert [step for step in steps if not isinstance(step, Say)] == []
    (said,) = warnings(steps)
    assert words in said


def test_aliases_make_no_gigabytes() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    (said,) = warnings(config(bomb))
    assert "too many values" in said


def message(*parts: tuple[str, str, str | None]) -> bytes:
    whole = MIMEMultipart()
    for subtype, text, name in parts:
        part = MIMEText(text, subtype)
        if name:
            part.add_header("Content-Disposition", "attachment", filename=name)
        whole.attach(part)
    return whole.as_bytes()


def test_a_message_of_several_parts() -> None:
    steps = first(
        message(
            ("x-shellscript", "#!/bin/sh\necho z", "z.sh"),
            ("cloud-config", "#cloud-config\nruncmd: [one]\nhostname: a", None),
            ("plain", "#!/bin/sh\necho a", "../../etc/a.sh"),
            ("cloud-config", "#cloud-config\nruncmd: [two]", None),
            ("cloud-boothook", "#cloud-boothook\necho hook", None),
            ("x-include-url", "#include\nhttp://example.com/x", None),
        )
    )
    assert warnings(steps) == ["WARNING: part-006: files named by addresses are not fetched here"]
    assert [step for step in steps if not isinstance(step, Say)] == [
        RunScript("part-005", b"#!/bin/sh\necho hook"),
        SetHostName("a"),
        RunScript("a.sh", b"#!/bin/sh\necho a"),
        RunScript("runcmd", b"#!/bin/sh\ntwo\n"),
        RunScript("z.sh", b"#!/bin/sh\necho z"),
    ]


def test_messages_in_messages_have_a_bound() -> None:
    inner = message(("x-shellscript", "#!/bin/sh", None))
    for _ in range(7):
        outer = MIMEMultipart()
        part = MIMEText("", "x-not-multipart")
        part.set_payload(base64.b64encode(inner).decode())
        del part["Content-Transfer-Encoding"]
        part["Content-Transfer-Encoding"] = "base64"
        outer.attach(part)
        inner = outer.as_bytes()
    (said,) = warnings(first(inner))
    assert "multipart messages in more than 5 others" in said


def test_parts_have_a_bound() -> None:
    (said,) = warnings(first(message(*[("x-shellscript", "#!/bin/sh", None)] * 101)))
    assert "more than 100 parts" in said

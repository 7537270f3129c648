"""A second machine for the demo (CLUSTER=2): a network of its own on this one where root allows, else a
process beside the platform.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from sagehen.cli.operator import act

# Ray takes 7 s on a quiet machine, and half a minute on a busy one.
_READY_S = 240.0
_LOOK_S = 0.5
# Networks of two addresses for the cable between the two; the first that this machine knows nothing of.
_NETWORKS = ipaddress.IPv4Network("10.213.0.0/16").subnets(new_prefix=30)


class SecondMachine:
    """Made before the platform starts, joined to it afterwards, and taken away at the end.

    Args:
        folder: Of the demo: the node's own lies in it, and its name says whose this machine is.

    Attributes:
        wireless: Once it has joined: why no job can have hosts on both machines; None: one can.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute() / "node"
        # A name of a network interface has 15 characters at most.
        self._name = "sgh" + hashlib.sha256(str(self._folder).encode()).hexdigest()[:8]
        self._process: subprocess.Popen[bytes] | None = None
        self._has_network = False
        self.wireless: str | None = None

    @property
    def log(self) -> Path:
        return self._folder.with_name("node.log")

    def make(self) -> tuple[str, str]:
        """Return the address for `--cluster`, and what this machine is made of."""
        self.remove()  # of an earlier run that was cut off
        if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("nsenter") is None:
            return "auto:0", "a process of its own on this machine (a network of its own takes root)"
        network = _unused_network()
        if network is None or not self._cable(network[1], network[2], network.prefixlen):
            self.remove()
            return "auto:0", "a process of its own on this machine (the kernel gives it no network)"
        self._has_network = True
        return f"{network[1]}:0", f"a network namespace of its own, reached at {network[2]}"

    def join(self, data_folder: Path) -> float:
        """Make it a node; return the seconds until it takes instances.

        Raises:
            RuntimeError: It has not become one; its log says why.
        """
        began = time.perf_counter()
        made = act(data_folder, "join-token", {})
        words = [sys.executable, "-m", "sagehen.cli", "join", made["Address"], "--token", made["Token"]]
        if self._has_network:
            words = ["nsenter", f"--net=/run/netns/{self._name}", *words]
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            # Ctrl-C is for the demo, which ends it in its turn.
            self._process = subprocess.Popen(
                [*words, "--folder", str(self._folder)], stdout=log, stderr=log, start_new_session=True
            )
        nodes = act(data_folder, "nodes", {})["Nodes"]
        while [node["State"] for node in nodes] != ["ready", "ready"]:
            if self._process.poll() is not None or time.perf_counter() - began > _READY_S:
                raise RuntimeError(f"the second machine takes nothing: {self.log.read_text()[-1000:]}")
            time.sleep(_LOOK_S)
            nodes = act(data_folder, "nodes", {})["Nodes"]
        self.wireless = next((node["Wireless"] for node in nodes if node["Wireless"] is not None), None)
        return time.perf_counter() - began

    def remove(self) -> None:
        """Take it away, with what an earlier run left of it. Also for one that was never made."""
        if (self._folder / "pid").exists():
            subprocess.run(
                [sys.executable, "-m", "sagehen.cli", "leave", "--folder", str(self._folder)],
                stdout=subprocess.DEVNULL,
            )
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
        if Path("/run/netns", self._name).exists():
            _ip("netns", "delete", self._name)
        if Path("/sys/class/net", self._name).exists():
            _ip("link", "delete", self._name)
        self._has_network = False

    def leftovers(self) -> list[str]:
        """Return what is still there of it."""
        places = Path("/run/netns", self._name), Path("/sys/class/net", self._name), self._folder
        found = [str(place) for place in places if place.exists()]
        is_running = self._process is not None and self._process.poll() is None
        return found + ([f"the node, process {self._process.pid}"] if is_running and self._process else [])

    def _cable(self, here: ipaddress.IPv4Address, there: ipaddress.IPv4Address, bits: int) -> bool:
        name, far = self._name, f"{self._name}n"
        return all(
            _ip(*words)
            for words in (
                ("netns", "add", name),
                ("link", "add", name, "type", "veth", "peer", "name", far),
                ("link", "set", far, "netns", name, "name", "eth0"),
                ("addr", "add", f"{here}/{bits}", "dev", name),
                ("link", "set", name, "up"),
                ("-n", name, "addr", "add", f"{there}/{bits}", "dev", "eth0"),
                ("-n", name, "link", "set", "eth0", "up"),
                ("-n", name, "link", "set", "lo", "up"),
            )
        )


def _unused_network() -> ipaddress.IPv4Network | None:
    told = subprocess.run(
        ["ip", "-json", "-4", "route", "show", "table", "all"], capture_output=True, text=True
    )
    try:
        routes = [str(route["dst"]) for route in json.loads(told.stdout)]
        known = [ipaddress.IPv4Network(dst, strict=False) for dst in routes if dst[0].isdigit()]
    except (KeyError, ValueError):
        return None
    return next((each for each in _NETWORKS if not any(each.overlaps(other) for other in known)), None)


def _ip(*words: str) -> bool:
    return subprocess.run(["ip", *words], capture_output=True).returncode == 0


def as_chosen(text: str) -> bool:
    """Return whether CLUSTER asks for a second machine.

    Raises:
        SystemExit: It asks for something else.
    """
    if text in ("", "0", "1"):
        return False
    if text != "2":
        sys.exit(f"CLUSTER={text}: it is 2, for a second machine on this one")
    return True

"""Calls of the kernel that need no sandbox to be seen."""

from __future__ import annotations

import fcntl
import os
import struct

import pytest

from sagehen.executors.base import OWN_USERS
from sagehen.executors.folders.ownership import host_ranges
from sagehen.executors.isolation import kernel

_NS_GET_OWNER_UID = 0xB704  # linux/nsfs.h


def test_what_a_machines_users_use_up_counts_for_none_of_the_host() -> None:
    """The kernel counts inotify's instances and their like for the owner of a namespace, too."""
    if os.geteuid() != 0:
        pytest.skip("only root may give a namespace many users")
    first = host_ranges().lend()
    namespace = kernel.make_user_namespace(first, OWN_USERS)
    try:
        told = fcntl.ioctl(namespace, _NS_GET_OWNER_UID, bytes(4))
    finally:
        os.close(namespace)
    assert struct.unpack("=I", told) == (first,)

"""Machines that only say that they run, for what is made of their disks."""

from __future__ import annotations

from tests.unit.ec2.instances.conftest import house

__all__ = ["house"]

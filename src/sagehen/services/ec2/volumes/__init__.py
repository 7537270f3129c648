"""Volumes: the disks of instances, as rows."""

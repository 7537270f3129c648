"""Snapshots: what volumes held at a moment; volumes and images are made of them.

`snapshots.py` is the row, `making.py` what copies disks in the background, `permission.py` says who else may
use one.
"""

"""Volumes: disks that outlive the machines which write to them, and hold no more than they were made for.

`choice.py` finds what this machine can enforce. A file system of its own in a file (`images.py`, root alone)
is the strongest: what is too much gets ENOSPC. Elsewhere a folder is measured again and again (`folders.py`).
Project quotas, which would do it for a folder, ask for a file system that was made and mounted for them.
"""

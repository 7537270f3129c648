"""Instances: machines that are asked for, kept up, described and ended.

`request` and `admission` decide what RunInstances may make, `making` writes it down; `life/` brings what
runs in line with what is written down; the operations are thin.
"""

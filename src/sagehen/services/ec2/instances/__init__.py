"""Instances: machines that are asked for, kept up, described and ended.

`launch/` decides what RunInstances may make and writes it down; `life/` brings what runs in line with what
is written down; the operations are thin.
"""

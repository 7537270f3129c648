"""Warm pools: what stays of a training job's instances for the next one that matches.

`matching` says which does, `pool` is one job's hold of a pool and `records` its rows; `content` is what lies
on the disk, `pools` lets jobs take pools over and ends those whose time is over.
"""

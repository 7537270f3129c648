"""Deployments and stages: definitions frozen, and put under a name that requests can reach.

`freeze.py` and `view.py` make the snapshots of them that the data plane reads.
"""

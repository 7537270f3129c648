"""Managed spot training: what an operator's interruption is, and what AWS would bill.

What an interruption does to a job is in `training.job` and `training.decisions`, as all that happens to it.
"""

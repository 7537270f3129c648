"""Attempts: what one attempt at a training job does, from its session to its artifacts.

What comes next is said by `training.decisions`; here it is done.
"""

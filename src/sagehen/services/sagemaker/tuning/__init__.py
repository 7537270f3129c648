"""Hyperparameter tuning jobs: they ask a search for hyperparameters, start training jobs, and watch them.

`operations.py` is what clients call, `runs.py` and `run.py` what goes on by itself. What comes next is
decided by pure functions: `decisions.py`, with `completion.py` and `trials/tally.py`; which trials are
stopped early by `stopping`, where to look next by `search`. A training job of a tuning job is a training job
like any other: its room knows nothing of this one but that somebody may follow it (`training/follower.py`).
"""

"""Training jobs: operations, the record and its states, what comes next (`decisions.py`), the run of it.

What another kind of job would need as well is not here, but in `transfers`, `archives`, `instances`, `roles`.
"""

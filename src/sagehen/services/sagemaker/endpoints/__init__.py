"""Endpoints: the desired state of each, what comes next (`plan.py`, `rollout.py`), and the loop that does it.

Requests to models are none of its business: it shows routers to `serving.directory` and never sees an
invocation.
"""

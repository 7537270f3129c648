"""Endpoints: the desired state of each, what comes next (`plan.py`, `deployments/rollout.py`), and its loop.

Requests to models are none of its business: it shows routers to `serving.directory` and never sees an
invocation.
"""

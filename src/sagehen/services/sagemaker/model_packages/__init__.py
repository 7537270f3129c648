"""The model registry: groups of model packages, their policies, packages and versions, models made of them.

A package is a record: what it names is looked at when a model is made of it (`deployment.py`).
"""

"""Inference components: models that share the instances of one endpoint, copy by copy.

An endpoint's loop keeps its instances (`endpoints/host.py`); here is who has which copy on which of them.
"""

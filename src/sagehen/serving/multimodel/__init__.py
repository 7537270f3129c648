"""Instances that serve several models: which one has which, what is unloaded for another, who waits.

What a model is and where it comes from is a `ModelSource`'s business; containers are spoken to by the
contract of multi-model containers (`sagehen.modelserver.multimodel`).
"""

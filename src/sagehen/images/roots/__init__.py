"""Roots: images as folders that a sandbox runs on, read-only.

Layers are hostile: all that is written is decided here.
"""

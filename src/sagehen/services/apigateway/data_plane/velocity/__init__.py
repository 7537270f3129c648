"""Mapping templates: Velocity's grammar, its evaluation within bounds, and what templates may read.

Templates are foreign: nothing of Python can be reached from here.
"""

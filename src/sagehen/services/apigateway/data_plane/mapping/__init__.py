"""Mapping expressions (`method.request.header.X`), JSONPath, and JSON values within bounds.

Templates are another room: `velocity`.
"""

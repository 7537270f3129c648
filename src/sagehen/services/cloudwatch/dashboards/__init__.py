"""Dashboards: bodies that people or templates write, checked and kept as they are. Nothing here draws
them.
"""

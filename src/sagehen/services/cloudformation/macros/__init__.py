"""Macros: what a template becomes before it is carried out.

`templates/transforms.py` finds what a template names, `processing.py` does it in AWS's order; a file each.
"""

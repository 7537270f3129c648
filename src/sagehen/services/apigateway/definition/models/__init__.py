"""Models: JSON schemas by name, what they must keep to, and the mapping templates drawn from them.

Bodies are checked against them in `data_plane/validation`.
"""

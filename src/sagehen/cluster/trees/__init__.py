"""Folders on their way between the platform and a node: `packing` and `unpacking` block, `passing` waits.

What a sandbox wrote is hostile: names, links and sizes of its own choice. It is read without following a
link, and written where nothing was before.
"""

"""Debugger's hook: what a script's smdebug finds in its container, and where what it writes goes.

Pure but for `folders.py`, which moves the files.
"""

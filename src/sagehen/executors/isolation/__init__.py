"""What a sandboxed process sees and may call.

The view, the two ways to make it true, the filter. No process is started here.
"""

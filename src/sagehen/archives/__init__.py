"""Archives and trees of somebody else's making: packed and unpacked within bounds, whatever is in them.

Work on folders of this machine alone: what comes from or goes to S3 is in `transfers`.
"""

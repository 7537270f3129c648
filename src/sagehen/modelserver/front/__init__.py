"""The front process: HTTP on the instance's socket, and the order in which workers get requests.

No user code runs here, and no model is loaded.
"""

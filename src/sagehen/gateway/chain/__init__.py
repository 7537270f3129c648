"""The ordered list of what happens to a request, whether it came by a socket or from the platform itself."""

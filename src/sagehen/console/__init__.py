"""What a browser needs of the platform that AWS's API does not have: the application, and its sessions.

The application itself is in `console/` at the top of the repository, and a client of the public API. Nothing
of it is read before somebody asks for it: start-up and idle memory know nothing of the console.
"""

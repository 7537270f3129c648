"""The door of notebook instances: whose pages these are, who may see them, and the way to their servers.

A browser comes with a presigned URL, gets a session as a cookie, and from then on every request and every
WebSocket is judged anew: by where it comes from (`origin.py`), then by whom (`NotebookEntrance`). Only then
is the server behind asked, with a token of its own that no browser ever sees.
"""

"""Notebook instances: what SageMaker says of them, and when their servers run.

What a server is (a machine with JupyterLab in it) is behind the protocols of `server.py`; `jupyter` makes
one.
"""

"""The server behind a notebook instance: JupyterLab in a machine, as people know it from AWS.

`servers.py` makes them, `server.py` is one; `kernels.py` says which Python a kernel's name stands for,
`start.py` what a start is given to read, `inside` is what runs in the machine.
"""

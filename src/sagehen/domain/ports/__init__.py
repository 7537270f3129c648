"""What services need of one another, as small Protocols: one file per pair of neighbours.

A service imports these files and never another service; `app/wiring` passes the implementations in.
Every port that touches another service's data takes the principal for whom it acts, so that the
rights of a job's role hold inside the platform exactly as they do over the wire. A new pair of
neighbours is a new file here, in the folder of who is asked. Nothing is implemented here.
"""

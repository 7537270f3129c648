"""What root is on machines of this host: `choice.py` finds out, `own.py` says what lies over the host's."""

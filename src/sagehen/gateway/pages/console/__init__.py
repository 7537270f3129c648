"""The console at the door: its files, and its sessions."""

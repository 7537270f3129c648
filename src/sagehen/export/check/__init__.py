"""The check list: what to know and to do before an export is deployed. Pure."""

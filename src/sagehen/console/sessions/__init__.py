"""Sessions of the console: a token that is good once becomes short-lived credentials, which are renewed."""

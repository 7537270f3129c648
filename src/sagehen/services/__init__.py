"""What each AWS service does: one package per service, one file per resource noun.

A service never imports another one (see `domain/ports/`), and never sees HTTP.
"""

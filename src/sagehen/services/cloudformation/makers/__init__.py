"""Makers: resources that no operation of a table makes: by a function's answer, by signals, by a template."""

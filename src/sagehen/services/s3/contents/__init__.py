"""The bytes of objects and parts: received, checked, encrypted on their way, kept and given out.

`bodies` takes in and gives out, `segments` says where bytes are, `readers` reads them, `checksums` and
`ciphers` see them pass. No object has a name here, and no request a meaning.
"""

"""What can be wrong with a certificate."""


class BadCertificate(Exception):
    """The door cannot use it; the message is shown to the person as it is."""

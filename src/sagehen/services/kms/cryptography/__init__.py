"""What keys are for: encrypting, data keys, signatures, codes."""

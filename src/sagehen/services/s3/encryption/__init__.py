"""Encryption of objects: with a key of the customer's (SSE-C), or with data keys of KMS (SSE-KMS, DSSE).

`asked` says which one an upload gets, `customer_keys` and `kms_keys` with which key, `sealing` brings both
to requests. The ciphers are in `contents`. Plain SSE-S3 (AES256) is only stored and reported: its key would
lie beside the objects.
"""

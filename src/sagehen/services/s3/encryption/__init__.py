"""Encryption of objects: with a key of the customer's (SSE-C), or with data keys of KMS (SSE-KMS, DSSE).

`ciphers` turns bytes, `customer_keys` and `kms_keys` say with which key, `sealing` brings both to requests.
Plain SSE-S3 (AES256) is only stored and reported: its key would lie beside the objects.
"""

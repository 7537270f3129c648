"""Listings: of objects, versions and uploads, page by page.

`pages` walks sorted keys and folds common prefixes, for all three; `frames` is what their answers have in
common.
"""

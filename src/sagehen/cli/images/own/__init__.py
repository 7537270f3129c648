"""`sagehen images import` and its kin: images from files into the platform's registry."""

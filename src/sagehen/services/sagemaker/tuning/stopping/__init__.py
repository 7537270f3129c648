"""Which trials are stopped early: `watch.py` takes values as they are printed, the others judge them."""

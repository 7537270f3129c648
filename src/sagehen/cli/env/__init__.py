"""`sagehen env`: what a shell or an SDK is told, and how it is printed."""

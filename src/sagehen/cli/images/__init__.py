"""`sagehen images`: environments that stand for AWS's images, and images of one's own."""

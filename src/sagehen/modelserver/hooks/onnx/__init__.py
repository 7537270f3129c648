"""A PyTorch model served by ONNX Runtime, where the operator or the script asks for it and its answers agree.

`wanted` is who asks, and with which inputs; `export` makes the file and compares; `network` stands in the
model's place. Nothing here is imported where nobody asks.
"""

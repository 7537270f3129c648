"""Two instances meet at the port that torchrun of another job may have taken as well."""

import os
import socket
import time

if os.environ["SM_CURRENT_HOST"] == "algo-1":
    with socket.create_server(("", 7777)) as server:
        connection, _ = server.accept()
        print("met", connection.recv(20).decode())
else:
    for _ in range(300):
        try:
            with socket.create_connection(("algo-1", 7777), timeout=30) as connection:
                connection.sendall(os.environ["SM_CURRENT_HOST"].encode())
            break
        except OSError:
            time.sleep(0.1)
    else:
        raise SystemExit("algo-1 is not there")

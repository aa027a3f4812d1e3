# @EXPECTED_RESULTS@: AC
# Connects to machines of the network and of the host: TCP, UDP, names.
import socket
reached = []
here = [("127.0.0.1", port) for port in (22, 5432, 8080)]
for address in (*here, ("169.254.169.254", 80), ("8.8.8.8", 53)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as s:
                s.settimeout(0.2)
                s.connect(address)
                s.send(b"x")
                if kind == socket.SOCK_STREAM or s.recv(9):
                    reached.append(address)
        except OSError:
            pass
try:
    reached.append(socket.getaddrinfo("example.org", 80))
except OSError:
    pass
n, *xs = map(int, open(0).read().split())
print(reached or sum(xs))

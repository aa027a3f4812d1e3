# @EXPECTED_RESULTS@: AC
# Connects to machines of the network and of the host: TCP, UDP, names.
import socket
reached = []
for address in (("127.0.0.1", 22), ("127.0.0.1", 5432), ("127.0.0.1", 8080), ("169.254.169.254", 80), ("8.8.8.8", 53)):
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

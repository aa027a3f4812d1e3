import multiprocessing, shutil, socket, subprocess, sys, tempfile, threading, time

total = 0
lock = threading.Lock()


def add(part):
    global total
    for n in range(part, 1001, 4):
        with lock:
            total += n


threads = [threading.Thread(target=add, args=(i,)) for i in range(1, 5)]
[t.start() for t in threads]
[t.join() for t in threads]
print("sum", total)

with open("/work/numbers", "w") as f:
    f.write("\n".join(["5", "3", "8", "1", "2"]))
shutil.copy2("/work/numbers", "/work/copy")
print("sorted", *sorted(int(line) for line in open("/work/copy")))
print("child", subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout.strip())
with multiprocessing.Pool(2) as pool:
    assert pool.map(abs, [-1, 2]) == [1, 2]
with tempfile.NamedTemporaryFile() as f:
    f.write(b"x")

if "serve" in sys.argv:
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        peer, _ = server.accept()
        with peer:
            time.sleep(0.01)
            peer.sendall(peer.recv(16).replace(b"ping", b"pong"))

    threading.Thread(target=serve).start()
    with socket.create_connection(server.getsockname()) as client:
        client.sendall(b"ping 42")
        print(client.recv(16).decode())

"""A server of large and slow bodies: /download sends 1 GiB, /upload receives as much, /events sends five events in two seconds."""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 30
BLOCK = bytes(1 << 20)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def head(self, kind, length=None):
        self.send_response(200)
        self.send_header("content-type", kind)
        if length is None:
            self.send_header("transfer-encoding", "chunked")
        else:
            self.send_header("content-length", str(length))
        self.end_headers()

    def do_GET(self):
        if self.path == "/events":
            self.head("text/event-stream")
            for number in range(5):
                event = f"data: {number}\n\n".encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
                self.wfile.flush()
                time.sleep(0.4)
            self.wfile.write(b"0\r\n\r\n")
            return
        self.head("application/octet-stream", SIZE)
        for _ in range(SIZE // len(BLOCK)):
            self.wfile.write(BLOCK)

    def do_POST(self):
        left = int(self.headers["content-length"])
        while left:
            left -= len(self.rfile.read(min(left, len(BLOCK))))
        self.head("application/json", 2)
        self.wfile.write(b"{}")


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()

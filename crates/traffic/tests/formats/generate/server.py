"""The server whose traffic the tools record. `server.py PORT FORM` prints the port; 0 is a free one.

Forms: kept, broken (two of its three responses violate the contract), kept-gzip, broken-gzip (with a content coding).
"""

import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BROKEN, GZIP = sys.argv[2].startswith("broken"), sys.argv[2].endswith("gzip")
ORDER = {"id": "order_1", "status": "lost" if BROKEN else "paid", "total": 12.5, "note": "café, “two” copies"}
CREATED = {"id": "order_2", "status": "open", "total": "25" if BROKEN else 25, "note": None}


class Orders(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def version_string(self):
        return "orders"

    def send(self, status, value):
        body = json.dumps(value, ensure_ascii=False).encode()
        if GZIP:
            body = gzip.compress(body, mtime=0)
        self.send_response(status)
        if GZIP:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/orders/order_1":
            self.send(200, ORDER)
        else:
            self.send(404, {"error": "no such order"})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send(201, CREATED)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Orders)
print(server.server_address[1], flush=True)
server.serve_forever()

"""An address on this machine that remembers what it was sent."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Listener:
    """``status`` is what it answers."""

    def __init__(self):
        self.got, self.status = [], 202
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.got.append((dict(self.headers), body))
                self.send_response(listener.status)
                self.send_header("Location", listener.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *given):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/told"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

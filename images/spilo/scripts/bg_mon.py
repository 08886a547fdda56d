"""What Spilo's bg_mon shows on port 8080: the server's processes, to whoever asks, without a password.

It is here because it is there: a stack that does not close the page is to be found out.
"""

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import yaml

CONFIG_FILE = "/run/postgres.yml"
DEFAULT_PORT = 8080


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(snapshot()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Visits are not logged."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, port):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), Page)

    def server_bind(self):
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def snapshot():
    memory = psutil.virtual_memory()
    return {
        "hostname": socket.gethostname(),
        "system_stats": {"cpu_count": psutil.cpu_count(), "memory": {"total": memory.total, "free": memory.free}},
        "processes": [
            {"pid": process.pid, "cmdline": " ".join(process.info["cmdline"] or [])}
            for process in psutil.process_iter(["name", "cmdline"])
            if process.info["name"] == "postgres"
        ],
    }


def main():
    with open(CONFIG_FILE, encoding="utf-8") as file:
        parameters = yaml.safe_load(file)["postgresql"]["parameters"]
    address = parameters.get("bg_mon.listen_address") or "0.0.0.0"
    Server(address, int(parameters.get("bg_mon.port", DEFAULT_PORT))).serve_forever()


if __name__ == "__main__":
    main()

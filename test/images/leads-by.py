"""Patroni's REST API as far as a proxy asks it, for nobody without a certificate. What a file holds is what it is:

`primary` leads, `promoted` leads by the key in the DCS while its PostgreSQL is still a standby, all else follows.

    leads-by.py FILE CERTIFICATE KEY TRUSTED
"""

import http.server
import json
import ssl
import sys

role_file, certificate, key, trusted = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(role_file) as file:
            role = file.read().strip()
        body = json.dumps({"state": "running", "role": "primary" if role == "primary" else "replica"})
        self.send_response(200 if role in ("primary", "promoted") else 503)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body.encode())

    do_OPTIONS = do_GET

    def log_message(self, *_):
        """Every check would be a line."""


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted)
context.load_cert_chain(certificate, key)
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("", 8008), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print("listens", flush=True)
server.serve_forever()

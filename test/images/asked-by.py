"""A server on 8008 that nobody talks to without a certificate. Prints the unit of each one that it is shown.

    asked-by.py CERTIFICATE KEY TRUSTED
"""

import http.server
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_OPTIONS(self):
        subject = dict(pair for names in self.connection.getpeercert()["subject"] for pair in names)
        print(subject["organizationalUnitName"], flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """The names say enough."""


certificate, key, trusted = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted)
context.load_cert_chain(certificate, key)
context.verify_mode = ssl.CERT_REQUIRED
server = http.server.ThreadingHTTPServer(("", 8008), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

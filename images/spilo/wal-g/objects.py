"""Single objects of an S3 server of one's own, without boto3.

Starting boto3 takes about half a second. A promotion asks for several WAL files one after another, and a clean
shutdown waits for the last one to be stored: what takes long here is time in which nobody can write.
"""

import hashlib
import hmac
import http.client
import os
from datetime import datetime, timezone
from urllib.parse import quote, urlsplit

TIMEOUT_S = 60
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")


class Keys:
    """What requests are signed with."""

    def __init__(self, identifier, secret, region, token=""):
        self.identifier = identifier
        self.secret = secret
        self.region = region
        self.token = token


class ObjectStore:
    """Reads and writes objects of one bucket, addressed by path."""

    def __init__(self, endpoint, bucket, keys, certificates=None):
        self.endpoint = urlsplit(endpoint)
        self.bucket = bucket
        self.keys = keys
        self.certificates = certificates

    @classmethod
    def from_environment(cls, archive, environment=os.environ):
        """None where boto3 knows better: without an endpoint or keys, or through a proxy."""
        identifier, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
        if not (archive.endpoint and identifier and secret) or any(environment.get(name) for name in PROXIES):
            return None
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
        keys = Keys(identifier, secret, region, environment.get("AWS_SESSION_TOKEN", ""))
        return cls(archive.endpoint, archive.bucket, keys, environment.get("AWS_CA_BUNDLE"))

    def get(self, key):
        return self.request("GET", key)

    def put(self, key, body):
        return self.request("PUT", key, body)

    def request(self, method, key, body=b""):
        """(status, content). Raises OSError when the server is not reached."""
        path = quote(f"{self.endpoint.path.rstrip('/')}/{self.bucket}/{key}")
        digest = hashlib.sha256(body).hexdigest()
        headers = {"host": self.endpoint.netloc, "x-amz-content-sha256": digest}
        if self.keys.token:
            headers["x-amz-security-token"] = self.keys.token
        signed = signed_headers(method, path, headers, digest, self.keys, datetime.now(timezone.utc))
        connection = self.connect()
        try:
            connection.request(method, path, body or None, signed)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def connect(self):
        if self.endpoint.scheme != "https":
            return http.client.HTTPConnection(self.endpoint.netloc, timeout=TIMEOUT_S)
        import ssl

        context = ssl.create_default_context(cafile=self.certificates)
        # WAL-G and boto3 take certificates without key identifiers, such as many private authorities sign.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return http.client.HTTPSConnection(self.endpoint.netloc, timeout=TIMEOUT_S, context=context)


def signed_headers(method, path, headers, digest, keys, now):
    """The headers with AWS's signature, version 4. `path` is quoted already and has no query."""
    time = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{keys.region}/s3/aws4_request"
    headers = dict(sorted({**headers, "x-amz-date": time}.items()))
    names = ";".join(headers)
    lines = [method, path, "", *(f"{name}:{value}" for name, value in headers.items()), "", names, digest]
    request = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = f"AWS4{keys.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{request}".encode(), "sha256").hexdigest()
    credential = f"Credential={keys.identifier}/{scope}"
    headers["authorization"] = f"AWS4-HMAC-SHA256 {credential},SignedHeaders={names},Signature={signature}"
    return headers

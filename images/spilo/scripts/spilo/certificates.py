"""PostgreSQL's and the REST API's certificates: given as contents, given as files, or made here."""

import logging
import os
import subprocess

from spilo.files import give_to_postgres, write_secret
from spilo.settings import CONTENT_FILES

SELF_SIGNED_NAME = "/CN=spilo.example.org"


def write(settings):
    for content, (file, _) in CONTENT_FILES.items():
        if settings[content]:
            write_secret(settings[file], settings[content])
    if settings["SSL_CERTIFICATE"] and settings["SSL_PRIVATE_KEY"]:
        write_secret(settings["SSL_CERTIFICATE_FILE"], settings["SSL_CERTIFICATE"])
        write_secret(settings["SSL_PRIVATE_KEY_FILE"], settings["SSL_PRIVATE_KEY"])
    elif os.path.exists(settings["SSL_PRIVATE_KEY_FILE"]):
        logging.warning("Private key already exists, not overwriting")
    else:
        make_self_signed(settings["SSL_PRIVATE_KEY_FILE"], settings["SSL_CERTIFICATE_FILE"])


def make_self_signed(key, certificate):
    """Enough to encrypt, not to authenticate: each container makes another."""
    os.makedirs(os.path.dirname(key), exist_ok=True)
    request = ["openssl", "req", "-nodes", "-new", "-x509", "-days", "3650", "-subj", SELF_SIGNED_NAME]
    subprocess.run([*request, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    os.chmod(key, 0o600)
    for path in (key, certificate):
        give_to_postgres(path)

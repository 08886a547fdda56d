"""The services that runit supervises."""

import os

from spilo.files import give_to_postgres

DEFINITIONS = "/etc/runit/runsvdir/default"
ENABLED = "/run/service"
SOCKET_FOLDER = "/run/postgresql"


def enable(name):
    """Makes the supervisor run a service. Its state lives beside the links, in /run."""
    folder = os.path.join(ENABLED, name)
    os.makedirs(folder, exist_ok=True)
    for script in ("run", "finish"):
        source = os.path.join(DEFINITIONS, name, script)
        link = os.path.join(folder, script)
        if os.path.exists(source) and not os.path.lexists(link):
            os.symlink(source, link)


def make_socket_folder():
    os.makedirs(SOCKET_FOLDER, exist_ok=True)
    os.chmod(SOCKET_FOLDER, 0o2775)
    give_to_postgres(SOCKET_FOLDER)

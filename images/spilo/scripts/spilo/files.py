"""Writing files that a restarted container must find as they were."""

import logging
import os
import pwd

OWNER = "postgres"


def write_secret(path, content, overwrite=False):
    """Writes a file that only PostgreSQL's user can read. Never readable by others, not even for a moment."""
    if os.path.exists(path) and not overwrite:
        logging.info("File %s already exists, not overwriting", path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    unfinished = f"{path}.unfinished"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    give_to_postgres(unfinished)
    os.replace(unfinished, path)


def give_to_postgres(path):
    """Only root can give files away; another user made them for itself."""
    if os.getuid() == 0:
        owner = pwd.getpwnam(OWNER)
        os.chown(path, owner.pw_uid, owner.pw_gid)

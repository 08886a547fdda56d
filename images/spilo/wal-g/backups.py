"""Base backups: what there is, making one and bringing one back."""

import json
import os
import sys

import storage
import whole_tar


def complete(archive):
    """The complete base backups, oldest first, as barman describes them, each with its name in WAL-G's form."""
    described = json.loads(archive.output_of("cloud_backup_list", "--format", "json"))
    done = [backup for backup in described["backups_list"] if backup["status"] == "DONE"]
    done.sort(key=lambda backup: backup["backup_id"])
    return [{**backup, "name": f"base_{backup['begin_wal']}"} for backup in done]


def find(archive, name):
    """The backup of this name, `LATEST`, or None."""
    available = complete(archive)
    if name == "LATEST":
        return available[-1] if available else None
    return next((backup for backup in available if backup["name"] == name), None)


def push(archive, pgdata):
    """Makes a base backup with a fast checkpoint, of the server whose data folder is given."""
    if not os.path.exists(os.path.join(pgdata, "PG_VERSION")):
        raise storage.SettingError(f"{pgdata} is no data folder of PostgreSQL")
    connection = [
        *("--host", os.environ.get("PGHOST", "/run/postgresql")),
        *("--port", os.environ.get("PGPORT", "5432")),
        *("--user", os.environ.get("PGUSER", "postgres")),
    ]
    return archive.run("cloud_backup", "--gzip", "--immediate-checkpoint", *connection)


def fetch(archive, name, pgdata):
    """Brings a base backup back into an empty or absent folder."""
    backup = find(archive, name)
    if backup is None:
        print(f"wal-g: backup {name} is not in {archive.url}/{archive.server}", file=sys.stderr)
        return 1
    if os.path.isdir(pgdata) and os.listdir(pgdata):
        raise storage.SettingError(f"{pgdata} is not empty: nothing is restored over other data")
    os.makedirs(pgdata, mode=0o700, exist_ok=True)
    whole_tar.insist()
    code = archive.run("cloud_restore", after=[backup["backup_id"], pgdata])
    if code == 0:
        os.chmod(pgdata, 0o700)
    return code

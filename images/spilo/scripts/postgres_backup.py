"""Makes a base backup on the member whose turn it is, then deletes those that the retention rule gives free."""

import json
import os
import subprocess
import sys
from datetime import datetime, timezone

from spilo.retention import first_to_keep

ARCHIVER = "wal-g"


def main(data_folder):
    if not is_our_turn(in_recovery(), os.environ.get("WALG_BACKUP_FROM_REPLICA") == "true"):
        log("another member's turn, nothing to do")
        return 0
    log("making a base backup")
    # Niced: a backup must not slow the server down.
    pushed = subprocess.run(["nice", "-n", "5", ARCHIVER, "backup-push", data_folder], check=False)
    if pushed.returncode:
        log(f"the base backup failed (exit code {pushed.returncode}); nothing is deleted")
        return pushed.returncode
    return delete_old(int(os.environ.get("BACKUP_NUM_TO_RETAIN") or 5))


def is_our_turn(standby, from_standby):
    return standby == from_standby


def in_recovery():
    query = ["psql", "-X", "-t", "-A", "-d", "postgres", "-c", "SELECT pg_catalog.pg_is_in_recovery()"]
    return subprocess.run(query, check=True, capture_output=True, text=True).stdout.strip() == "t"


def delete_old(retain):
    listed = subprocess.run([ARCHIVER, "backup-list", "--json"], check=True, capture_output=True, text=True)
    backups = [(item["backup_name"], datetime.fromisoformat(item["time"])) for item in json.loads(listed.stdout)]
    oldest = first_to_keep(backups, datetime.now(timezone.utc), retain)
    if oldest is None:
        return 0
    log(f"deleting base backups before {oldest}")
    command = [ARCHIVER, "delete", "before", "FIND_FULL", oldest, "--confirm"]
    return subprocess.run(command, check=False).returncode


def log(text):
    print(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} postgres_backup: {text}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: postgres_backup.sh PGDATA")
    sys.exit(main(sys.argv[1]))

"""Makes a standby's data from the archive, unless catching up from there would cost more than a copy of the leader.

Patroni calls it with --datadir=, --connstring= and the thresholds of its configuration.
"""

import argparse
import json
import subprocess
import sys

import psycopg2

MIB = 1 << 20
DISTANCE = """
SELECT pg_catalog.pg_wal_lsn_diff(
         CASE WHEN pg_catalog.pg_is_in_recovery()
              THEN GREATEST(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
              ELSE pg_catalog.pg_current_wal_lsn() END,
         '0/0')::bigint,
       (SELECT sum(pg_catalog.pg_database_size(oid)) FROM pg_catalog.pg_database)::bigint
"""


def main():
    options = parse()
    last = last_backup()
    if last is None:
        print("no base backup in the archive")
        return 1
    if options.connstring:
        reason = too_costly(options, last)
        if reason:
            print(f"not restoring from the archive: {reason}")
            return 1
    for _ in range(options.retries + 1):
        subprocess.run(["rm", "-rf", options.datadir], check=True)
        if subprocess.run(["wal-g", "backup-fetch", options.datadir, "LATEST"], check=False).returncode == 0:
            return 0
    return 1


def parse():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--datadir", required=True)
    parser.add_argument("--connstring", default="")
    parser.add_argument("--retries", type=int, default=2)
    parser.add_argument("--threshold_megabytes", type=int, default=10240)
    parser.add_argument("--threshold_backup_size_percentage", type=int, default=30)
    return parser.parse_known_args()[0]


def last_backup():
    listed = subprocess.run(
        ["wal-g", "backup-list", "--detail", "--json"], check=False, capture_output=True, text=True
    )
    backups = json.loads(listed.stdout) if listed.returncode == 0 else []
    return backups[-1] if backups else None


def too_costly(options, last):
    """Why a copy of the leader is the better way; None if it is not."""
    with psycopg2.connect(options.connstring) as connection, connection.cursor() as cursor:
        cursor.execute(DISTANCE)
        position, size = cursor.fetchone()
    wal = position - last["start_lsn"]
    if wal > options.threshold_megabytes * MIB:
        return f"{wal // MIB} MiB of WAL since the last base backup, allowed are {options.threshold_megabytes}"
    if wal > size * options.threshold_backup_size_percentage // 100:
        return f"{wal // MIB} MiB of WAL is over {options.threshold_backup_size_percentage} % of {size // MIB} MiB"
    return None


if __name__ == "__main__":
    sys.exit(main())

"""`backup-list`, in WAL-G's formats."""

import json
from datetime import datetime, timezone

import backups

COLUMNS = ("backup_name", "modified", "wal_file_name", "storage_name")
DETAIL_COLUMNS = (
    "start_time",
    "finish_time",
    "hostname",
    "data_dir",
    "pg_version",
    "start_lsn",
    "finish_lsn",
    "is_permanent",
)


def show(archive, detail, as_json, pretty):
    available = backups.complete(archive)
    rows = [describe(backup) | (details(backup, archive) if detail else {}) for backup in available]
    if as_json:
        print(json.dumps(rows, indent=4 if pretty else None))
    else:
        print_table(rows, COLUMNS + (DETAIL_COLUMNS if detail else ()))
    return 0


def describe(backup):
    """One backup under WAL-G's keys."""
    return {
        "backup_name": backup["name"],
        "time": rfc3339(backup["end_time_iso"]),
        "wal_file_name": backup["begin_wal"],
        "storage_name": "default",
    }


def details(backup, archive):
    """What `--detail` adds. LSNs are numbers there, sizes bytes; the host's name is not in the archive."""
    stored = sum(size for _, size in archive.objects(f"base/{backup['backup_id']}"))
    return {
        "start_time": rfc3339(backup["begin_time_iso"]),
        "finish_time": rfc3339(backup["end_time_iso"]),
        "date_fmt": "%Y-%m-%dT%H:%M:%S.%fZ",
        "hostname": "",
        "data_dir": backup["pgdata"],
        "pg_version": backup["version"],
        "start_lsn": lsn_number(backup["begin_xlog"]),
        "finish_lsn": lsn_number(backup["end_xlog"]),
        "is_permanent": False,
        "system_identifier": int(backup["systemid"]),
        "uncompressed_size": backup.get("cluster_size") or 0,
        "compressed_size": stored,
    }


def rfc3339(time):
    """UTC to the second, as WAL-G writes times."""
    return datetime.fromisoformat(time).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def lsn_number(lsn):
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def print_table(rows, columns):
    cells = [[str(row["time"] if name == "modified" else row[name]) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells)]
    for line in [columns, *cells]:
        print(" ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())

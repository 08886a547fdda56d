"""Brings back a base backup of another cluster, for Patroni to recover from. Run with that archive's variables."""

import argparse
import json
import subprocess
import sys
from datetime import datetime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scope", required=True)
    parser.add_argument("--datadir", required=True)
    parser.add_argument("--recovery-target-time", type=time_with_zone)
    options = parser.parse_args()
    listed = subprocess.run(["wal-g", "backup-list", "--json"], check=True, capture_output=True, text=True)
    name = choose(json.loads(listed.stdout), options.recovery_target_time)
    if name is None:
        print("no base backup that is old enough is in the archive", file=sys.stderr)
        return 1
    print(f"cloning {options.scope} from {name}")
    return subprocess.run(["wal-g", "backup-fetch", options.datadir, name], check=False).returncode


def time_with_zone(text):
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone")
    return time


def choose(backups, target):
    """The last backup that was complete before the target."""
    early = [item for item in backups if target is None or datetime.fromisoformat(item["time"]) < target]
    return early[-1]["backup_name"] if early else None


if __name__ == "__main__":
    sys.exit(main())

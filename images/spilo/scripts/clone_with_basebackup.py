"""Copies another cluster's server. The password is in the file that --pgpass names."""

import argparse
import os
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser()
    for option in ("scope", "datadir", "pgpass", "host", "user"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--port", default="5432")
    options = parser.parse_args()
    print(f"cloning {options.scope} from {options.host}:{options.port}")
    connection = ["--host", options.host, "--port", options.port, "--username", options.user, "--no-password"]
    return subprocess.run(
        ["pg_basebackup", "--pgdata", options.datadir, "--wal-method=stream", *connection],
        env={**os.environ, "PGPASSFILE": options.pgpass},
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

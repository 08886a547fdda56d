#!/usr/bin/env python3
"""An archiver that takes WAL-G's sub-commands and variables, and keeps WAL and base backups as barman-cloud does.

    wal-g wal-push PATH                       wal-g backup-push PGDATA
    wal-g wal-fetch NAME PATH                 wal-g backup-fetch PGDATA NAME|LATEST
    wal-g backup-list [--detail] [--json] [--pretty]
    wal-g delete before [FIND_FULL] NAME [--confirm]
    wal-g delete retain [FULL] COUNT [--confirm]
    wal-g wal-verify integrity [--json]
"""

import argparse
import sys
import warnings

import storage


def main(arguments):
    # barman and boto3 warn about Python versions to come; that is nothing for a server's log.
    warnings.simplefilter("ignore")
    options = parse(arguments)
    try:
        return COMMANDS[options.command](options, storage.Archive.from_environment())
    except (storage.SettingError, OSError) as error:
        print(f"wal-g: {error}", file=sys.stderr)
        return 1


def parse(arguments):
    parser = argparse.ArgumentParser(prog="wal-g")
    parser.add_argument("--version", action="version", version="wal-g (barman-cloud)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    push = commands.add_parser("wal-push", help="store a WAL segment, history or backup label file")
    push.add_argument("path")
    fetch = commands.add_parser("wal-fetch", help="bring a WAL file back")
    fetch.add_argument("name")
    fetch.add_argument("path")
    backup = commands.add_parser("backup-push", help="make a base backup of the server that runs here")
    backup.add_argument("pgdata")
    restore = commands.add_parser("backup-fetch", help="bring a base backup back")
    restore.add_argument("pgdata")
    restore.add_argument("name")
    listing = commands.add_parser("backup-list", help="list the complete base backups, oldest first")
    for flag in ("--detail", "--json", "--pretty"):
        listing.add_argument(flag, action="store_true")
    delete = commands.add_parser("delete", help="delete base backups and the WAL that only they need")
    delete.add_argument("rule", choices=["before", "retain"])
    delete.add_argument("target", nargs="+")
    delete.add_argument("--confirm", action="store_true", help="without it, it is only said what would go")
    verify = commands.add_parser("wal-verify", help="check that no WAL is missing since the oldest base backup")
    verify.add_argument("check", choices=["integrity"])
    verify.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def wal_push(options, archive):
    import wal_files

    return wal_files.push(archive, options.path)


def wal_fetch(options, archive):
    import wal_files

    return wal_files.fetch(archive, options.name, options.path)


def backup_push(options, archive):
    import backups

    return backups.push(archive, options.pgdata)


def backup_fetch(options, archive):
    import backups

    return backups.fetch(archive, options.name, options.pgdata)


def backup_list(options, archive):
    import listing

    return listing.show(archive, detail=options.detail, as_json=options.json, pretty=options.pretty)


def delete(options, archive):
    import deletion

    return deletion.delete(archive, options.rule, options.target, confirmed=options.confirm)


def wal_verify(options, archive):
    import verification

    return verification.verify(archive, as_json=options.json)


COMMANDS = {
    "wal-push": wal_push,
    "wal-fetch": wal_fetch,
    "backup-push": backup_push,
    "backup-fetch": backup_fetch,
    "backup-list": backup_list,
    "delete": delete,
    "wal-verify": wal_verify,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

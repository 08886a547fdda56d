"""`delete`: which base backups go. WAL that only they need goes with them."""

import sys

import backups
import storage

MODES = ("FULL", "FIND_FULL")  # every backup here is a full one, so the modes make no difference


def delete(archive, rule, target, confirmed):
    chosen = choose(backups.complete(archive), rule, target)
    for backup in chosen:
        print(f"{'deleting' if confirmed else 'would delete'} {backup['name']}")
    if not confirmed:
        if chosen:
            print("Dry run, nothing was deleted; give --confirm")
        return 0
    for backup in chosen:
        code = archive.run("cloud_backup_delete", "--backup-id", backup["backup_id"])
        if code:
            print(f"wal-g: {backup['name']} could not be deleted", file=sys.stderr)
            return code
    return 0


def choose(available, rule, target):
    """The backups that a rule deletes, oldest first, so that WAL goes with the last backup that needs it.

    `before NAME` keeps NAME and all later ones; `retain COUNT` keeps the latest COUNT.
    """
    words = [word for word in target if word not in MODES]
    if len(words) != 1:
        raise storage.SettingError(f"delete {rule} takes one value, but got {' '.join(target)!r}")
    if rule == "retain":
        return available[: -count(words[0])]
    names = [backup["name"] for backup in available]
    if words[0] not in names:
        raise storage.SettingError(f"backup {words[0]} is not in the archive: nothing was deleted")
    return available[: names.index(words[0])]


def count(word):
    if not word.isdigit() or int(word) < 1:
        raise storage.SettingError(f"delete retain takes a count of 1 or more, but got {word!r}")
    return int(word)

"""The rules of templates/copy-archive.py, on buckets that are dictionaries. It prints a report as unittest does."""

import importlib.util
import os
import sys
import threading
import unittest
from datetime import datetime, timedelta, timezone

PROGRAM = os.path.join(os.path.dirname(__file__), "..", "..", "templates", "copy-archive.py")
spec = importlib.util.spec_from_file_location("copy_archive", PROGRAM)
sys.dont_write_bytecode = True
copying = importlib.util.module_from_spec(spec)
spec.loader.exec_module(copying)
copying.say = lambda text: None

NOW = datetime.now(timezone.utc)
OLD_WAL, NEW_WAL = (f"/wals/0000000100000000/0000000100000000000000{number}.lz4" for number in ("03", "05"))


class Bucket:
    def __init__(self):
        self.objects = {}
        self.order = []
        self.away = False

    def put(self, key, content="as it was", days=0):
        self.objects[key] = {"Size": len(content), "LastModified": NOW - timedelta(days=days), "content": content}
        return self

    def list(self, under, after=""):
        if self.away:
            raise OSError("away")
        return {key: value for key, value in self.objects.items() if key.startswith(under) and key > after}

    def copy_to(self, other, key, size):
        if other.away:
            raise OSError("away")
        other.put(key, self.objects[key]["content"])
        other.order.append(key)


class NoRule:
    apply_in_time = staticmethod(lambda there: None)
    is_past = staticmethod(lambda key: False)
    is_too_old = staticmethod(lambda ended: False)


def backup(bucket, at, days=0):
    for name in ("backup.info", "data.tar.gz"):
        bucket.put(f"/base/{at}/{name}", days=days)
    return bucket


def look(make, first, second, rule=NoRule):
    once = make(first, second, rule)
    once(threading.Event())
    return once


class Copies(unittest.TestCase):
    def test_wal_that_is_not_there_comes_oldest_first(self):
        first, second = Bucket(), Bucket()
        for number in ("000000020000000000000006", "000000010000000000000004", "000000010000000000000005"):
            first.put(f"/wals/{number[:16]}/{number}.lz4")
        first.put("/wals/00000002.history.lz4")
        look(copying.copy_wal, first, second)
        self.assertEqual([key.rpartition("/")[2][:24] for key in second.order if "history" not in key], sorted(
            ("000000010000000000000004", "000000010000000000000005", "000000020000000000000006"), key=lambda n: n[8:]
        ))
        self.assertIn("/wals/00000002.history.lz4", second.objects)

    def test_what_is_there_stays_as_it_is_when_the_first_is_spoiled_or_emptied(self):
        first, second = backup(Bucket().put(NEW_WAL), "20300101T010000"), Bucket()
        for make in (copying.copy_wal, copying.copy_backups):
            look(make, first, second)
        kept = dict(second.objects)
        for key in first.objects:
            first.put(key, "spoiled, and longer")
        for make in (copying.copy_wal, copying.copy_backups):
            look(make, first, second)
        first.objects.clear()
        for make in (copying.copy_wal, copying.copy_backups):
            look(make, first, second)
        self.assertEqual(second.objects, kept)

    def test_a_backup_is_ended_last_and_one_without_an_end_is_none(self):
        first, second = backup(Bucket(), "20300101T010000"), Bucket()
        backup(first, "20300102T010000")
        first.put("/base/20300103T010000/data.tar.gz")
        first.put("/basebackups_005/base_000000010000000000000004/tar_partitions/part_1.tar.lz4")
        first.put("/basebackups_005/base_000000010000000000000004_backup_stop_sentinel.json")
        look(copying.copy_backups, first, second)
        self.assertNotIn("/base/20300103T010000/data.tar.gz", second.objects)
        for end in [key for key in second.order if copying.ENDS.match(key)]:
            folder = end.replace("backup.info", "").replace("_backup_stop_sentinel.json", "/")
            parts = [key for key in second.order if key.startswith(folder) and key != end]
            self.assertTrue(parts and all(second.order.index(part) < second.order.index(end) for part in parts), end)

    def test_a_bucket_that_was_away_gets_all_that_it_lacks(self):
        first, second = Bucket().put(OLD_WAL), Bucket()
        once = look(copying.copy_wal, first, second)
        second.away = True
        first.put(NEW_WAL)
        self.assertRaises(OSError, once, threading.Event())
        second.away = False
        once(threading.Event())
        self.assertEqual(set(second.objects), {OLD_WAL, NEW_WAL})


class Rule(copying.Retention):
    """With the backups of these ages in days."""

    def __init__(self, *days):
        super().__init__(None)
        self.days = days
        self.asked = []

    def archiver(self, *command):
        self.asked.append(command)
        rows = [
            f'{{"backup_name": "d{days}", "time": "{NOW - timedelta(days=days, minutes=1):%Y-%m-%dT%H:%M:%SZ}",'
            f' "wal_file_name": "0000000100000000{0x40 - days:08X}"}}'
            for days in self.days
        ]
        return f"some line for people\n[{', '.join(rows)}]\n" if command[0] == "backup-list" else ""


class KeepsAsTheFirstDoes(unittest.TestCase):
    def setUp(self):
        copying.first_variables = lambda: {"BACKUP_NUM_TO_RETAIN": "5"}

    def test_one_older_than_the_days_stays_and_those_before_it_go(self):
        rule = Rule(9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
        rule.apply_in_time({"/base/x/backup.info"})
        self.assertEqual(rule.asked[-1], ("delete", "before", "FIND_FULL", "d5", "--confirm"))
        # Nor does what has gone come again, while the first one still has it.
        self.assertTrue(rule.is_too_old(NOW - timedelta(days=6)))
        self.assertFalse(rule.is_too_old(NOW - timedelta(days=4)))
        self.assertTrue(rule.is_past("/wals/0000000100000000/00000001000000000000003A.lz4"))
        self.assertFalse(rule.is_past("/wals/0000000100000000/00000001000000000000003B.lz4"))
        self.assertFalse(rule.is_past("/wals/00000002.history.lz4"))
        count = len(rule.asked)
        rule.apply_in_time({"/base/x/backup.info"})
        self.assertEqual(len(rule.asked), count)

    def test_nothing_goes_while_no_backups_come(self):
        for days in ((30, 20, 10, 9), (30, 20, 10, 1, 0), (5, 4, 3, 2, 1, 0), ()):
            rule = Rule(*days)
            rule.apply_in_time({"/base/x/backup.info"})
            self.assertEqual([command[0] for command in rule.asked], ["backup-list"], days)
            self.assertFalse(rule.is_past(OLD_WAL))


if __name__ == "__main__":
    unittest.main()

import unittest
from datetime import datetime, timedelta, timezone

from spilo.retention import first_to_keep

NOW = datetime(2026, 6, 30, 1, 0, tzinfo=timezone.utc)


def made(*days_ago):
    return [(f"d{days}", NOW - timedelta(days=days)) for days in days_ago]


class FirstToKeep(unittest.TestCase):
    def test_one_older_than_the_window_stays(self):
        self.assertEqual(first_to_keep(made(9, 8, 7, 6, 5, 4, 3, 2, 1, 0), NOW, 5), "d5")

    def test_nothing_goes_while_backups_have_been_failing(self):
        self.assertIsNone(first_to_keep(made(30, 20, 10, 9), NOW, 5))
        self.assertIsNone(first_to_keep(made(30, 20, 10, 1, 0), NOW, 5))

    def test_nothing_goes_when_all_are_within_the_window(self):
        self.assertIsNone(first_to_keep(made(4, 3, 2, 1, 0), NOW, 5))

    def test_the_only_old_one_stays(self):
        self.assertIsNone(first_to_keep(made(6, 4, 3, 2, 1, 0), NOW, 5))

    def test_at_least_two_are_kept_whatever_is_asked_for(self):
        self.assertIsNone(first_to_keep(made(9, 8, 0), NOW, 0))
        self.assertEqual(first_to_keep(made(9, 8, 1, 0), NOW, 0), "d8")

    def test_no_backup_at_all_is_no_error(self):
        self.assertIsNone(first_to_keep([], NOW, 5))

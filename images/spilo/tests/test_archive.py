import unittest

from spilo import archive, crontab
from spilo.settings import SettingError, Settings

BASE = {
    "SCOPE": "dev",
    "PGVERSION": "17",
    "WAL_S3_BUCKET": "wal",
    "AWS_ENDPOINT": "http://s3:9000",
    "AWS_REGION": "eu-x-1",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "key",
    "PATH": "/bin",
    "LC_ALL": "C",
}


def settings(**environment):
    return Settings({**BASE, **environment}, memory_mib=1024, member="m")


class Variables(unittest.TestCase):
    def test_a_bucket_gives_spilos_folder_in_it(self):
        self.assertEqual(archive.variables(settings())["WALG_S3_PREFIX"], "s3://wal/spilo/dev/wal/17")

    def test_prefix_and_suffix_surround_the_clusters_name(self):
        given = archive.variables(settings(WAL_BUCKET_SCOPE_PREFIX="x/", WAL_BUCKET_SCOPE_SUFFIX="/y"))
        self.assertEqual(given["WALG_S3_PREFIX"], "s3://wal/spilo/x/dev/y/wal/17")

    def test_a_namespace_is_part_of_the_folder(self):
        self.assertIn("/spilo/ns-dev/", archive.variables(settings(NAMESPACE="ns"))["WALG_S3_PREFIX"])

    def test_a_given_place_is_used_as_it_is(self):
        self.assertEqual(archive.variables(settings(WALG_S3_PREFIX="s3://b/p"))["WALG_S3_PREFIX"], "s3://b/p")

    def test_an_endpoint_means_path_style_and_a_region_for_wal_g_alone(self):
        without = archive.variables(settings())
        self.assertEqual(without["AWS_S3_FORCE_PATH_STYLE"], "true")
        self.assertNotIn("AWS_REGION", without)
        self.assertEqual(archive.variables(settings(USE_WALG_BACKUP="true"))["AWS_REGION"], "eu-x-1")

    def test_without_keys_the_machines_own_identity_is_used(self):
        self.assertEqual(archive.variables(settings(AWS_ACCESS_KEY_ID=""))["AWS_INSTANCE_PROFILE"], "true")
        self.assertNotIn("AWS_INSTANCE_PROFILE", archive.variables(settings()))

    def test_another_clusters_archive_has_its_own_variables(self):
        given = settings(
            CLONE_SCOPE="old", CLONE_WAL_S3_BUCKET="other", CLONE_AWS_ENDPOINT="http://o:9000", CLONE_PGVERSION="16"
        )
        values = archive.variables(given, "CLONE_")
        self.assertEqual(values["WALG_S3_PREFIX"], "s3://other/spilo/old/wal/16")
        self.assertEqual(values["AWS_ENDPOINT"], "http://o:9000")
        self.assertNotIn("BACKUP_NUM_TO_RETAIN", values)

    def test_a_password_with_a_colon_stays_one_field(self):
        given = settings(CLONE_HOST="h", CLONE_USER="u", CLONE_PASSWORD="a:b\\c")
        self.assertEqual(archive.pgpass_line(given), "h:5432:*:u:a\\:b\\\\c\n")


class Crontab(unittest.TestCase):
    def test_base_backups_are_scheduled_when_there_is_an_archive(self):
        (line,) = crontab.lines(settings(BACKUP_SCHEDULE="5 3 * * *"))
        self.assertTrue(line.startswith('5 3 * * * envdir "/run/etc/wal-e.d/env" /scripts/postgres_backup.sh'))

    def test_own_lines_are_added(self):
        self.assertEqual(crontab.lines(settings(WAL_S3_BUCKET="", CRONTAB='["* * * * * true"]')), ["* * * * * true"])

    def test_a_crontab_that_is_no_list_is_refused(self):
        with self.assertRaisesRegex(SettingError, "CRONTAB must be a list"):
            crontab.lines(settings(CRONTAB="{a: 1}"))

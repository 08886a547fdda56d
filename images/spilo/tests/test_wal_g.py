import io
import os
import tarfile
import tempfile
import unittest
from datetime import datetime
from unittest import mock

import deletion
import listing
import main
import objects
import storage
import verification
import wal_files
import whole_tar

BACKUPS = [{"name": f"base_{n}", "backup_id": str(n)} for n in range(1, 6)]


def names(chosen):
    return [backup["name"] for backup in chosen]


class Place(unittest.TestCase):
    def test_the_last_folder_is_barmans_server(self):
        archive = storage.Archive("s3://wal/spilo/dev/wal/17")
        self.assertEqual((archive.url, archive.server, archive.bucket), ("s3://wal/spilo/dev/wal", "17", "wal"))
        self.assertEqual(archive.folder, "spilo/dev/wal/17")

    def test_a_folder_right_in_the_bucket_will_do(self):
        archive = storage.Archive("s3://wal/dev/")
        self.assertEqual((archive.url, archive.server, archive.folder), ("s3://wal", "dev", "dev"))

    def test_a_place_that_is_none_is_refused(self):
        for prefix in ("s3://wal", "gs://wal/x", "wal/x"):
            with self.subTest(prefix), self.assertRaisesRegex(storage.SettingError, "must be s3://BUCKET/FOLDER"):
                storage.Archive(prefix)

    def test_an_unset_place_names_the_variable(self):
        with mock.patch.dict(os.environ, {}, clear=True), self.assertRaisesRegex(storage.SettingError, "WALG_S3_PREFIX"):
            storage.Archive.from_environment()

    def test_keys_are_never_on_a_command_line(self):
        environment = {"WALG_S3_PREFIX": "s3://a/b", "AWS_SECRET_ACCESS_KEY": "very secret", "AWS_ENDPOINT": "http://s3"}
        with mock.patch.dict(os.environ, environment, clear=True):
            arguments = storage.Archive.from_environment().arguments("--lz4", after=["x"])
        self.assertNotIn("very secret", " ".join(arguments))
        self.assertEqual(arguments[-3:], ["s3://a", "b", "x"])


class WholeTar(unittest.TestCase):
    """Streams, as barman reads them."""

    def setUp(self):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name in ("a", "b", "c"):
                entry = tarfile.TarInfo(name)
                entry.size = 512
                archive.addfile(entry, io.BytesIO(b"x" * 512))
        self.content = packed.getvalue()

    def unpacked(self, content):
        with mock.patch.object(tarfile.TarFile, "tarinfo", tarfile.TarInfo):
            whole_tar.insist()
            with tarfile.open(fileobj=io.BytesIO(content), mode="r|") as archive:
                return archive.getnames()

    def test_a_whole_one_is_read_to_its_end(self):
        self.assertEqual(self.unpacked(self.content), ["a", "b", "c"])

    def test_a_damaged_header_is_no_end(self):
        damaged = self.content[:1024] + b"damaged" * 40 + self.content[1304:]
        with self.assertRaisesRegex(tarfile.ReadError, "damaged at byte 1024"):
            self.unpacked(damaged)

    def test_one_that_was_cut_off_has_no_end(self):
        for length in (1024, 1100):
            with self.subTest(length), self.assertRaisesRegex(tarfile.ReadError, "damaged at byte 1024"):
                self.unpacked(self.content[:length])


class AwsSettings(unittest.TestCase):
    def test_checksums_are_asked_for_only_where_required(self):
        environment = {}
        storage.adopt_aws_settings(environment)
        self.assertEqual(environment["AWS_REQUEST_CHECKSUM_CALCULATION"], "when_required")
        self.assertEqual(environment["AWS_RESPONSE_CHECKSUM_VALIDATION"], "when_required")

    def test_path_style_is_given_by_a_file(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch("tempfile.gettempdir", return_value=folder):
            environment = {"AWS_S3_FORCE_PATH_STYLE": "true"}
            storage.adopt_aws_settings(environment)
            with open(environment["AWS_CONFIG_FILE"], encoding="ascii") as config:
                self.assertIn("addressing_style = path", config.read())

    def test_both_clients_trust_the_authority_that_wal_g_is_told_of(self):
        environment = {"WALG_S3_CA_CERT_FILE": "/ca", "AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s"}
        storage.adopt_aws_settings(environment)
        self.assertEqual(environment["AWS_CA_BUNDLE"], "/ca")
        archive = storage.Archive("s3://wal/spilo/dev/wal/17", "https://s3:9000")
        self.assertEqual(objects.ObjectStore.from_environment(archive, environment).certificates, "/ca")


class Deletion(unittest.TestCase):
    def test_before_keeps_the_named_one_and_all_later(self):
        self.assertEqual(names(deletion.choose(BACKUPS, "before", ["FIND_FULL", "base_3"])), ["base_1", "base_2"])

    def test_retain_keeps_the_latest(self):
        self.assertEqual(names(deletion.choose(BACKUPS, "retain", ["FULL", "2"])), ["base_1", "base_2", "base_3"])
        self.assertEqual(deletion.choose(BACKUPS, "retain", ["9"]), [])

    def test_an_unknown_name_or_count_deletes_nothing(self):
        for rule, target in (("before", ["base_9"]), ("retain", ["0"]), ("retain", ["-1"]), ("before", ["FULL"])):
            with self.subTest(target), self.assertRaises(storage.SettingError):
                deletion.choose(BACKUPS, rule, target)

    def test_nothing_is_deleted_without_confirmation(self):
        archive = mock.Mock()
        with mock.patch("backups.complete", return_value=BACKUPS), mock.patch("builtins.print"):
            deletion.delete(archive, "retain", ["1"], confirmed=False)
        archive.run.assert_not_called()


class Verification(unittest.TestCase):
    def ranges(self, names, start=None):
        found = verification.missing_and_found([verification.position(name) for name in names], start)
        return [(part["start_segment"], part["end_segment"], part["status"]) for part in found]

    def test_a_gap_is_named(self):
        one, two = "0000000100000000000000FE", "0000000100000000000000FF"
        missing, after = "000000010000000100000000", "000000010000000100000001"
        self.assertEqual(
            self.ranges([one, two, after]),
            [(one, two, "FOUND"), (missing, missing, "MISSING_LOST"), (after, after, "FOUND")],
        )

    def test_timelines_are_apart(self):
        first, second = "000000010000000000000003", "000000020000000000000003"
        self.assertEqual(self.ranges([second, first]), [(first, first, "FOUND"), (second, second, "FOUND")])

    def test_what_precedes_the_oldest_base_backup_does_not_matter(self):
        old, new = "000000010000000000000001", "000000010000000000000004"
        self.assertEqual(self.ranges([old, new], verification.position(new)), [(new, new, "FOUND")])


class CommandLine(unittest.TestCase):
    def test_lsns_are_numbers(self):
        self.assertEqual(listing.lsn_number("1/0000028"), (1 << 32) + 0x28)

    def test_an_archive_that_is_not_set_is_one_clear_line(self):
        with mock.patch.dict(os.environ, {}, clear=True), mock.patch("sys.stderr") as stderr:
            self.assertEqual(main.main(["backup-list"]), 1)
        said = "".join(call.args[0] for call in stderr.write.call_args_list)
        self.assertIn("wal-g: WALG_S3_PREFIX is not set", said)


class WalFiles(unittest.TestCase):
    archive = storage.Archive("s3://wal/spilo/dev/wal/17", "http://s3:9000")

    def fetch(self, status, answer, path="/no/such/folder"):
        store = mock.Mock(**{"get.return_value": (status, answer)})
        with mock.patch("wal_files.ObjectStore.from_environment", return_value=store), mock.patch("builtins.print"):
            return wal_files.fetch(self.archive, "000000010000000000000001", path)

    def test_they_lie_where_barman_looks_for_them(self):
        segment = "0000000A0000000100000002"
        for name, key in (
            (segment, f"0000000A00000001/{segment}.lz4"),
            (f"{segment}.00000028.backup", f"0000000A00000001/{segment}.00000028.backup.lz4"),
            ("0000000A.history", "0000000A.history.lz4"),
        ):
            with self.subTest(name):
                self.assertEqual(wal_files.key_of(self.archive, name), f"spilo/dev/wal/17/wals/{key}")

    def test_one_that_is_not_there_has_wal_gs_exit_code(self):
        self.assertEqual(self.fetch(404, b"<Code>NoSuchKey</Code>"), 74)

    def test_a_refusal_is_another_error(self):
        self.assertEqual(self.fetch(404, b"<Code>NoSuchBucket</Code>"), 1)
        self.assertEqual(self.fetch(403, b"<Message>denied</Message>"), 1)

    def test_without_keys_of_its_own_barman_does_it(self):
        archive = mock.Mock(endpoint=None, **{"run.return_value": 1})
        self.assertEqual(wal_files.fetch(archive, "00000002.history", "/x"), 74)
        archive.run.assert_called_once()

    def test_a_proxy_is_left_to_boto3(self):
        keys = {"AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s"}
        self.assertIsNotNone(objects.ObjectStore.from_environment(self.archive, keys))
        self.assertIsNone(objects.ObjectStore.from_environment(self.archive, {**keys, "http_proxy": "http://p"}))


class Signature(unittest.TestCase):
    def test_it_is_the_one_of_the_published_example(self):
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        headers = {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9", "x-amz-content-sha256": empty}
        keys = objects.Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
        signed = objects.signed_headers("GET", "/test.txt", headers, empty, keys, datetime(2013, 5, 24))
        expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        self.assertTrue(signed["authorization"].endswith(f"Signature={expected}"))

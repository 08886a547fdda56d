import os
import tempfile
import unittest
from unittest import mock

from spilo import certificates
from spilo.settings import Settings


def write(**environment):
    with mock.patch("spilo.files.give_to_postgres"), mock.patch("spilo.certificates.give_to_postgres"):
        certificates.write(Settings(environment, memory_mib=1024))


class GivenFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key, self.certificate = (os.path.join(folder.name, name) for name in ("tls.key", "tls.crt"))
        self.files = {"SSL_PRIVATE_KEY_FILE": self.key, "SSL_CERTIFICATE_FILE": self.certificate}

    def read(self, path):
        with open(path, encoding="ascii") as file:
            return file.read()

    def test_a_key_that_is_there_is_left_alone_and_no_certificate_is_made(self):
        with open(self.key, "w", encoding="ascii") as file:
            file.write("theirs")
        os.chmod(self.key, 0o440)
        with self.assertLogs(level="WARNING") as logged:
            write(**self.files)
        self.assertIn("Private key already exists, not overwriting", logged.output[0])
        self.assertEqual(self.read(self.key), "theirs")
        self.assertEqual(os.stat(self.key).st_mode & 0o777, 0o440)
        self.assertFalse(os.path.exists(self.certificate))

    def test_contents_do_not_overwrite_it_either(self):
        with open(self.key, "w", encoding="ascii") as file:
            file.write("theirs")
        write(**self.files, SSL_PRIVATE_KEY="ours", SSL_CERTIFICATE="ours")
        self.assertEqual(self.read(self.key), "theirs")

    def test_without_one_a_certificate_is_made(self):
        write(**self.files)
        self.assertIn("BEGIN CERTIFICATE", self.read(self.certificate))
        self.assertEqual(os.stat(self.key).st_mode & 0o777, 0o600)

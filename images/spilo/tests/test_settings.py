import os
import tempfile
import unittest

from spilo import host
from spilo.settings import SettingError, Settings, postgresql_version


def limit_file(content):
    file = tempfile.NamedTemporaryFile("w", delete=False)
    with file:
        file.write(content)
    return file.name


class MemoryLimit(unittest.TestCase):
    def memory(self, content):
        path = limit_file(content)
        self.addCleanup(os.remove, path)
        return host.memory_mib((path,))

    def test_a_limit_is_read_in_both_cgroup_forms(self):
        self.assertEqual(self.memory("268435456\n"), 256)

    def test_without_a_limit_it_is_the_hosts_memory(self):
        physical = host.memory_mib(())
        self.assertEqual(self.memory("max\n"), physical)
        self.assertEqual(self.memory("9223372036854771712\n"), physical)


class Addresses(unittest.TestCase):
    def test_they_are_the_hosts_own_unless_given(self):
        settings = Settings({"APIPORT": "8009"}, address="10.0.0.9", memory_mib=1024, member="m")
        self.assertEqual(settings["RESTAPI_CONNECT_ADDRESS"], "10.0.0.9:8009")
        self.assertEqual(settings["PG_CONNECT_ADDRESS"], "10.0.0.9:5432")

    def test_given_ones_are_taken_as_they_are(self):
        settings = Settings({"PG_CONNECT_ADDRESS": "dev-1:5432"}, memory_mib=1024, member="m")
        self.assertEqual(settings["PG_CONNECT_ADDRESS"], "dev-1:5432")


class Choices(unittest.TestCase):
    def test_an_unknown_provider_is_refused_by_name(self):
        with self.assertRaisesRegex(SettingError, "SPILO_PROVIDER is 'azure'"):
            Settings({"SPILO_PROVIDER": "azure"}, memory_mib=1024)

    def test_the_data_decide_the_version_not_the_environment(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "PG_VERSION"), "w", encoding="ascii") as file:
                file.write("16\n")
            self.assertEqual(postgresql_version(folder, "17"), "16")

    def test_wal_g_restores_by_default_and_backs_up_on_request(self):
        settings = Settings({"WAL_S3_BUCKET": "b"}, memory_mib=1024)
        self.assertEqual((settings.uses_walg("BACKUP"), settings.uses_walg("RESTORE")), (False, True))
        settings = Settings({"WAL_S3_BUCKET": "b", "USE_WALG": "true"}, memory_mib=1024)
        self.assertEqual((settings.uses_walg("BACKUP"), settings.uses_walg("RESTORE")), (True, True))
        settings = Settings({"WAL_S3_BUCKET": "b", "USE_WALG_BACKUP": "true"}, memory_mib=1024)
        self.assertTrue(settings.uses_walg("BACKUP"))

import unittest

from spilo.patroni_config import build
from spilo.settings import SettingError, Settings

ETCD = {"ETCD3_HOSTS": "e1:2379", "SCOPE": "dev"}
ARCHIVE = {"WAL_S3_BUCKET": "wal", "AWS_ENDPOINT": "http://s3:9000", "USE_WALG_BACKUP": "true"}


def config(memory_mib=3000, **environment):
    return build(Settings({**ETCD, **environment}, address="10.0.0.1", memory_mib=memory_mib, member="dev-1"))


class Generated(unittest.TestCase):
    def test_members_are_named_after_their_host(self):
        built = config()
        self.assertEqual((built["scope"], built["name"]), ("dev", "dev-1"))
        self.assertEqual(built["etcd3"], {"hosts": ["e1:2379"]})

    def test_memory_decides_buffers_and_connections(self):
        for memory_mib, buffers, connections in ((1024, "256MB", 100), (6000, "1500MB", 200), (64000, "16000MB", 1000)):
            with self.subTest(memory_mib):
                built = config(memory_mib)
                self.assertEqual(built["postgresql"]["parameters"]["shared_buffers"], buffers)
                parameters = built["bootstrap"]["dcs"]["postgresql"]["parameters"]
                self.assertEqual(parameters["max_connections"], connections)

    def test_the_cluster_is_born_with_spilos_dynamic_settings(self):
        dcs = config()["bootstrap"]["dcs"]
        self.assertEqual(dcs["maximum_lag_on_failover"], 33554432)
        self.assertEqual(dcs["postgresql"]["parameters"]["archive_timeout"], "1800s")
        self.assertEqual(dcs["postgresql"]["parameters"]["log_statement"], "ddl")
        self.assertTrue(dcs["postgresql"]["use_slots"] and dcs["postgresql"]["use_pg_rewind"])

    def test_unencrypted_connections_are_rejected_unless_allowed(self):
        self.assertIn("hostnossl all       all all reject", config()["postgresql"]["pg_hba"])
        allowed = config(ALLOW_NOSSL="true")["postgresql"]["pg_hba"]
        self.assertIn("host    all         all all md5", allowed)
        self.assertFalse([rule for rule in allowed if rule.startswith("hostnossl")])

    def test_without_an_archive_archiving_does_nothing(self):
        postgresql = config()["postgresql"]
        self.assertEqual(postgresql["parameters"]["archive_command"], "/bin/true")
        self.assertEqual(postgresql["create_replica_method"], ["basebackup_fast_xlog"])
        self.assertNotIn("recovery_conf", postgresql)

    def test_with_an_archive_wal_goes_there_and_comes_from_there(self):
        postgresql = config(**ARCHIVE)["postgresql"]
        self.assertEqual(
            postgresql["parameters"]["archive_command"], 'envdir "/run/etc/wal-e.d/env" wal-g wal-push "%p"'
        )
        self.assertEqual(postgresql["create_replica_method"], ["wal_e", "basebackup_fast_xlog"])
        self.assertIn("restore_command.sh", postgresql["recovery_conf"]["restore_command"])

    def test_tls_on_the_rest_api_is_switched_on_by_its_certificate(self):
        rest = config(SSL_RESTAPI_CERTIFICATE="c", SSL_RESTAPI_PRIVATE_KEY="k")["restapi"]
        self.assertEqual(rest["certfile"], "/run/certs/rest-api-server.crt")
        self.assertEqual(rest["keyfile"], "/run/certs/rest-api-server.key")
        self.assertNotIn("certfile", config()["restapi"])

    def test_files_named_for_tls_are_taken_where_they_are(self):
        named = {
            "SSL_CA_FILE": "/etc/identity/ca.crt",
            "SSL_CERTIFICATE_FILE": "/etc/identity/tls.crt",
            "SSL_PRIVATE_KEY_FILE": "/etc/identity/tls.key",
        }
        rest = {name.replace("SSL_", "SSL_RESTAPI_"): path for name, path in named.items()}
        built = config(**named, **rest)
        parameters = built["postgresql"]["parameters"]
        self.assertEqual(
            [parameters[name] for name in ("ssl_ca_file", "ssl_cert_file", "ssl_key_file")], list(named.values())
        )
        self.assertEqual([built["restapi"][name] for name in ("cafile", "certfile", "keyfile")], list(named.values()))


class UserConfiguration(unittest.TestCase):
    def test_it_reaches_patroni_under_the_generated_keys(self):
        built = config(SPILO_CONFIGURATION="restapi: {authentication: {username: u, password: p}}")
        self.assertEqual(built["restapi"]["authentication"], {"username": "u", "password": "p"})
        self.assertEqual(built["restapi"]["listen"], "*:8008")

    def test_what_it_says_of_tls_stands_beside_what_is_generated(self):
        given = """
            restapi: {verify_client: required}
            ctl: {cacert: /ca, certfile: /c, keyfile: /k}
            postgresql:
              authentication:
                replication: {sslmode: verify-full, sslrootcert: /ca}
                rewind: {username: rewind_1, password: r, sslmode: verify-full}
        """
        built = config(
            SPILO_CONFIGURATION=given,
            SSL_RESTAPI_CERTIFICATE_FILE="/c",
            PGUSER_STANDBY="standby_1",
            PGPASSWORD_STANDBY="s",
        )
        self.assertEqual((built["restapi"]["verify_client"], built["restapi"]["certfile"]), ("required", "/c"))
        self.assertEqual(built["ctl"], {"cacert": "/ca", "certfile": "/c", "keyfile": "/k"})
        users = built["postgresql"]["authentication"]
        self.assertEqual(
            users["replication"],
            {"username": "standby_1", "password": "s", "sslmode": "verify-full", "sslrootcert": "/ca"},
        )
        self.assertEqual(users["rewind"], {"username": "rewind_1", "password": "r", "sslmode": "verify-full"})
        self.assertEqual(users["superuser"]["username"], "postgres")

    def test_access_rules_are_mended_in_bootstrap_and_nowhere_else(self):
        given = "{bootstrap: {pg_hba: [host all all all md5]}, postgresql: {pg_hba: [host all all all md5]}}"
        built = config(SPILO_CONFIGURATION=given)
        self.assertEqual(built["bootstrap"]["pg_hba"][0], "hostssl replication standby all md5")
        self.assertEqual(built["postgresql"]["pg_hba"], ["host all all all md5"])

    def test_libraries_of_the_real_image_alone_are_left_out(self):
        given = "postgresql: {parameters: {shared_preload_libraries: 'bg_mon,pg_stat_statements,no_such'}}"
        built = config(SPILO_CONFIGURATION=given)
        self.assertEqual(built["postgresql"]["parameters"]["shared_preload_libraries"], "pg_stat_statements,no_such")

    def test_the_open_page_can_be_closed(self):
        built = config(SPILO_CONFIGURATION="postgresql: {parameters: {bg_mon.listen_address: 127.0.0.1}}")
        self.assertEqual(built["postgresql"]["parameters"]["bg_mon.listen_address"], "127.0.0.1")

    def test_what_is_no_mapping_is_refused(self):
        with self.assertRaisesRegex(SettingError, "SPILO_CONFIGURATION must be a mapping, but is a list"):
            config(SPILO_CONFIGURATION="[a]")

    def test_patronis_own_variable_is_read_when_spilos_is_absent(self):
        self.assertEqual(config(PATRONI_CONFIGURATION="loop: 1")["loop"], 1)

    def test_a_missing_dcs_is_refused(self):
        with self.assertRaisesRegex(SettingError, "set ETCD3_HOSTS"):
            build(Settings({}, memory_mib=1024, member="m"))


class Beginnings(unittest.TestCase):
    def test_a_clone_to_a_time_recovers_from_the_other_archive(self):
        source = {"CLONE_METHOD": "CLONE_WITH_WALE", "CLONE_SCOPE": "old", "CLONE_WAL_S3_BUCKET": "wal"}
        bootstrap = config(**source, CLONE_TARGET_TIME="2026-01-01T00:00:00+00:00")["bootstrap"]
        self.assertEqual(bootstrap["method"], "clone_with_wale")
        recovery = bootstrap["clone_with_wale"]["recovery_conf"]
        self.assertEqual(recovery["recovery_target_time"], "2026-01-01T00:00:00+00:00")
        self.assertEqual(recovery["recovery_target_action"], "promote")
        self.assertIn("/run/etc/wal-e.d/env-clone-old", recovery["restore_command"])

    def test_a_clone_of_a_server_keeps_its_password_off_the_command_line(self):
        source = {"CLONE_SCOPE": "old", "CLONE_HOST": "h", "CLONE_USER": "u", "CLONE_PASSWORD": "very secret"}
        bootstrap = config(CLONE_METHOD="CLONE_WITH_BASEBACKUP", **source)["bootstrap"]
        self.assertEqual(bootstrap["method"], "clone_with_basebackup")
        self.assertNotIn("very secret", bootstrap["clone_with_basebackup"]["command"])

    def test_a_clone_without_a_source_names_what_is_missing(self):
        with self.assertRaisesRegex(SettingError, "CLONE_HOST, CLONE_USER, CLONE_PASSWORD"):
            config(CLONE_METHOD="CLONE_WITH_BASEBACKUP", CLONE_SCOPE="old")

    def test_a_standby_cluster_streams_and_reads_the_archive(self):
        source = {"STANDBY_HOST": "p", "STANDBY_SCOPE": "old", "STANDBY_WAL_S3_BUCKET": "wal"}
        built = config(**source)
        standby = built["bootstrap"]["dcs"]["standby_cluster"]
        self.assertEqual(standby["host"], "p")
        self.assertEqual(standby["create_replica_methods"], ["bootstrap_standby_with_wale", "basebackup_fast_xlog"])
        self.assertIn("bootstrap_standby_with_wale", built["postgresql"])

    def test_a_clone_is_no_standby(self):
        source = {"CLONE_METHOD": "CLONE_WITH_WALE", "CLONE_SCOPE": "old", "CLONE_WAL_S3_BUCKET": "wal"}
        self.assertNotIn("standby_cluster", config(**source, STANDBY_HOST="p")["bootstrap"]["dcs"])

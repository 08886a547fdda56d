import unittest

from spilo import dcs


class Section(unittest.TestCase):
    def test_hosts_are_taken_plain_quoted_and_as_yaml(self):
        expected = {"etcd3": {"hosts": ["e1:2379", "e2:2379"]}}
        for value in ("e1:2379,e2:2379", '"e1:2379","e2:2379"', '["e1:2379", "e2:2379"]', "- e1:2379\n- e2:2379"):
            with self.subTest(value):
                self.assertEqual(dcs.section({"ETCD3_HOSTS": value}), expected)

    def test_addresses_stay_strings(self):
        self.assertEqual(dcs.section({"ETCD3_HOSTS": "10.61.0.2:2379"}), {"etcd3": {"hosts": ["10.61.0.2:2379"]}})

    def test_any_parameter_is_copied(self):
        parameters = {
            "host": "e:2379",
            "protocol": "https",
            "cacert": "/ca",
            "cert": "/c",
            "key": "/k",
            "username": "u",
            "password": "12345",
        }
        given = {f"ETCD3_{name.upper()}": value for name, value in parameters.items()}
        self.assertEqual(dcs.section(given), {"etcd3": parameters})

    def test_a_discovery_domain_has_patronis_name(self):
        self.assertEqual(dcs.section({"ETCD3_DISCOVERY_DOMAIN": "d"}), {"etcd3": {"discovery_srv": "d"}})

    def test_etcd3_beats_etcd(self):
        self.assertEqual(dcs.section({"ETCD_HOST": "a:1", "ETCD3_HOST": "b:1"}), {"etcd3": {"host": "b:1"}})

    def test_other_variables_are_no_dcs(self):
        self.assertEqual(dcs.section({"PATH": "/bin", "ETCD3": "x", "PGUSER_ADMIN": "a"}), {})

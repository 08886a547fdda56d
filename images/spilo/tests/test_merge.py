import unittest

from spilo.merge import deep_update


class DeepUpdate(unittest.TestCase):
    def test_a_users_scalar_wins(self):
        self.assertEqual(deep_update({"ttl": 20}, {"ttl": 30}), {"ttl": 20})

    def test_mappings_are_merged_at_every_depth(self):
        user = {"bootstrap": {"dcs": {"ttl": 20}}}
        generated = {"bootstrap": {"dcs": {"loop_wait": 10}, "initdb": []}, "scope": "x"}
        expected = {"bootstrap": {"dcs": {"ttl": 20, "loop_wait": 10}, "initdb": []}, "scope": "x"}
        self.assertEqual(deep_update(user, generated), expected)

    def test_a_users_list_replaces_the_generated_one(self):
        self.assertEqual(deep_update({"pg_hba": ["mine"]}, {"pg_hba": ["a", "b"]}), {"pg_hba": ["mine"]})

    def test_a_users_null_leaves_the_generated_value(self):
        self.assertEqual(deep_update({"ttl": None}, {"ttl": 30}), {"ttl": 30})

    def test_false_and_zero_are_values(self):
        self.assertEqual(deep_update({"a": False, "b": 0}, {"a": True, "b": 1}), {"a": False, "b": 0})

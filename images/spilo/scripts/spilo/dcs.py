"""Where Patroni keeps the cluster's state, from variables of the form <DCS>_<PARAMETER>."""

import yaml

# The first of these that has a variable wins.
KINDS = ("zookeeper", "exhibitor", "consul", "etcd3", "etcd")


def section(environment):
    """Patroni's section for the DCS, such as {"etcd3": {"hosts": [...]}}; {} if there is none."""
    found = {}
    for name, value in environment.items():
        kind, _, parameter = name.lower().partition("_")
        if kind in KINDS and parameter:
            found.setdefault(kind, {}).update(setting(parameter, value))
    return next(({kind: found[kind]} for kind in KINDS if kind in found), {})


def setting(parameter, value):
    if parameter == "hosts":
        return {"hosts": host_list(value)}
    if parameter == "discovery_domain":
        return {"discovery_srv": value}
    return {parameter: value}


def host_list(value):
    """Takes `a:1,b:1`, `"a:1","b:1"`, and a YAML list in either of its forms."""
    is_list = value.strip().startswith("-") or "[" in value
    return yaml.safe_load(value if is_list else f"[{value}]")

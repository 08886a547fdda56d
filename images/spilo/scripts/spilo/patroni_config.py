"""Patroni's configuration: what Spilo generates, under what the user gives."""

import yaml

from spilo import bootstrap, dcs, libraries
from spilo.host import listen_address
from spilo.merge import deep_update
from spilo.settings import SettingError, binary_folder

PRELOADED = ",".join(libraries.SPILO_LIBRARIES)
LISTED_EXTENSIONS = (
    "btree_gin,btree_gist,citext,extra_window_functions,first_last_agg,hll,hstore,hypopg,intarray,ltree,"
    "pgcrypto,pgq,pgq_node,pg_trgm,postgres_fdw,tablefunc,uuid-ossp,timescaledb,pg_partman"
)


def build(settings):
    """The whole document. Raises SettingError when the user's part is not usable."""
    config = deep_update(user_configuration(settings), {**generated(settings), **dcs.section(settings)})
    if not any(kind in config for kind in dcs.KINDS):
        raise SettingError("no DCS is given: set ETCD3_HOSTS (a local etcd for one member is not part of this image)")
    if settings["NAMESPACE"] not in ("", "default"):
        config.setdefault("namespace", settings["NAMESPACE"])
    postgresql = config["postgresql"]
    config.setdefault("name", postgresql["name"])
    postgresql.setdefault("bin_dir", binary_folder(settings["PGVERSION"]))
    library_folder = postgresql["bin_dir"].replace("/bin", "/lib")
    parameters = postgresql["parameters"]
    parameters["shared_preload_libraries"] = libraries.preloadable(
        parameters["shared_preload_libraries"], library_folder
    )
    repair_bootstrap_hba(config)
    return config


def user_configuration(settings):
    name = "SPILO_CONFIGURATION" if settings["SPILO_CONFIGURATION"] else "PATRONI_CONFIGURATION"
    try:
        given = yaml.safe_load(settings[name]) or {}
    except yaml.YAMLError as error:
        raise SettingError(f"{name} is not YAML: {error}") from error
    if not isinstance(given, dict):
        raise SettingError(f"{name} must be a mapping, but is a {type(given).__name__}")
    return given


def generated(settings):
    return {
        "scope": settings["SCOPE"],
        "bootstrap": bootstrap.section(settings),
        "restapi": restapi(settings),
        "postgresql": postgresql_section(settings),
    }


def restapi(settings):
    files = {
        "cafile": settings["SSL_RESTAPI_CA_FILE"],
        "certfile": settings["SSL_RESTAPI_CERTIFICATE_FILE"],
        "keyfile": settings["SSL_RESTAPI_PRIVATE_KEY_FILE"],
    }
    return {
        "listen": f"*:{settings['APIPORT']}",
        "connect_address": settings["RESTAPI_CONNECT_ADDRESS"],
        **{key: path for key, path in files.items() if path},
    }


def postgresql_section(settings):
    return {
        "name": settings.member,
        "listen": f"*:{settings['PGPORT']}",
        "connect_address": settings["PG_CONNECT_ADDRESS"],
        "data_dir": settings["PGDATA"],
        "pgpass": "/run/postgresql/pgpass",
        "use_unix_socket": True,
        "use_unix_socket_repl": True,
        "parameters": local_parameters(settings),
        "pg_hba": access_rules(settings),
        "authentication": {
            "superuser": {"username": settings["PGUSER_SUPERUSER"], "password": settings["PGPASSWORD_SUPERUSER"]},
            "replication": {"username": settings["PGUSER_STANDBY"], "password": settings["PGPASSWORD_STANDBY"]},
        },
        "callbacks": callbacks(settings),
        **replica_methods(settings),
    }


def local_parameters(settings):
    """What each member sets for itself. It wins over the cluster's dynamic configuration."""
    tls_files = {"ssl_ca_file": settings["SSL_CA_FILE"], "ssl_crl_file": settings["SSL_CRL_FILE"]}
    return {
        "archive_command": archive_command(settings),
        "shared_buffers": f"{settings.memory_mib // 4}MB",
        "logging_collector": "on",
        "log_destination": "csvlog",
        "log_directory": "../pg_log",
        "log_filename": "postgresql-%u.log",
        "log_file_mode": "0644",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        "ssl": "on",
        **{name: path for name, path in tls_files.items() if path},
        "ssl_cert_file": settings["SSL_CERTIFICATE_FILE"],
        "ssl_key_file": settings["SSL_PRIVATE_KEY_FILE"],
        "shared_preload_libraries": PRELOADED,
        "bg_mon.listen_address": listen_address(),
        "bg_mon.history_buckets": 120,
        "pg_stat_statements.track_utility": "off",
        "extwlist.extensions": LISTED_EXTENSIONS,
        "extwlist.custom_path": "/scripts",
    }


def archive_command(settings):
    if not settings.archives:
        return "/bin/true"
    program = "wal-g" if settings.uses_walg("BACKUP") else "wal-e"
    return f'envdir "{settings["WALE_ENV_DIR"]}" {program} wal-push "%p"'


def access_rules(settings):
    standby = settings["PGUSER_STANDBY"]
    others = ["host    all         all all md5"]
    if not settings["ALLOW_NOSSL"]:
        others = ["hostnossl all       all all reject", "hostssl all         all all md5"]
    return [
        "local   all         all trust",
        "host    all         all 127.0.0.1/32 md5",
        "host    all         all ::1/128 md5",
        f"local   replication {standby} trust",
        f"hostssl replication {standby} all md5",
        *others,
    ]


def repair_bootstrap_hba(config):
    """Spilo mends a user's access rules only here, not in postgresql.pg_hba."""
    rules = config["bootstrap"].get("pg_hba")
    if rules is not None and not any("replication" in rule for rule in rules):
        standby = config["postgresql"]["authentication"]["replication"]["username"]
        rules.insert(0, f"hostssl replication {standby} all md5")


def callbacks(settings):
    script = settings["CALLBACK_SCRIPT"]
    wrapped = {"on_role_change": f"/scripts/on_role_change.sh {settings['HUMAN_ROLE']} {script or 'true'}"}
    return {"on_start": script, "on_stop": script, **wrapped} if script else wrapped


def replica_methods(settings):
    """How a new standby gets its data: from the archive if that is cheap, else from the leader."""
    streaming = {"basebackup_fast_xlog": {"command": "/scripts/basebackup.sh", "retries": 2}}
    standby = {}
    if bootstrap.follows_archive(settings):
        standby = {"bootstrap_standby_with_wale": restore_method(settings, bootstrap.env_dir(settings, "STANDBY_"))}
    if not settings.archives:
        return {"create_replica_method": ["basebackup_fast_xlog"], **streaming, **standby}
    return {
        "create_replica_method": ["wal_e", "basebackup_fast_xlog"],
        "wal_e": restore_method(settings, settings["WALE_ENV_DIR"]),
        **streaming,
        **standby,
        "recovery_conf": {"restore_command": bootstrap.restore_command(settings, settings["WALE_ENV_DIR"])},
    }


def restore_method(settings, environment_folder):
    return {
        "command": f"envdir {environment_folder} python3 /scripts/restore_replica.py",
        "threshold_megabytes": int(settings["WALE_BACKUP_THRESHOLD_MEGABYTES"]),
        "threshold_backup_size_percentage": int(settings["WALE_BACKUP_THRESHOLD_PERCENTAGE"]),
        "retries": 2,
        "no_leader": 1,
    }

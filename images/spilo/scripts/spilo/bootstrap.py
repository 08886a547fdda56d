"""How a cluster begins: empty, cloned from another, or as a standby of another. Read once in a cluster's life."""

from spilo.settings import ARCHIVE_LOCATIONS, SettingError

MIN_CONNECTIONS, MAX_CONNECTIONS, MIB_PER_CONNECTION = 100, 1000, 30


def section(settings):
    method = clone_method(settings)
    standby = {} if method else standby_cluster(settings)
    return {
        "post_init": f'/scripts/post_init.sh "{settings["HUMAN_ROLE"]}"',
        "dcs": {
            "ttl": 30,
            "loop_wait": 10,
            "retry_timeout": 10,
            "maximum_lag_on_failover": 32 << 20,
            "postgresql": {"use_pg_rewind": True, "use_slots": True, "parameters": first_parameters(settings)},
            **standby,
        },
        "initdb": [{"encoding": "UTF8"}, {"locale": f"{settings['INITDB_LOCALE']}.UTF-8"}, "data-checksums"],
        **method,
    }


def first_parameters(settings):
    """The cluster's parameters at its birth. Afterwards they are changed through Patroni's /config."""
    connections = settings.memory_mib // MIB_PER_CONNECTION
    return {
        "archive_mode": "on",
        "archive_timeout": "1800s",
        "wal_level": "replica",
        "wal_log_hints": "on",
        "wal_compression": "on",
        "max_wal_senders": 10,
        "max_connections": max(MIN_CONNECTIONS, min(connections, MAX_CONNECTIONS)),
        "max_replication_slots": 10,
        "hot_standby": "on",
        "tcp_keepalives_idle": 900,
        "tcp_keepalives_interval": 100,
        "log_line_prefix": "%t [%p]: [%l-1] %c %x %d %u %a %h ",
        "log_checkpoints": "on",
        "log_lock_waits": "on",
        "log_min_duration_statement": 500,
        "log_autovacuum_min_duration": 0,
        "log_connections": "on",
        "log_disconnections": "on",
        "log_statement": "ddl",
        "log_temp_files": 0,
        "track_functions": "all",
        "checkpoint_completion_target": 0.9,
        "autovacuum_max_workers": 5,
        "autovacuum_vacuum_scale_factor": 0.05,
        "autovacuum_analyze_scale_factor": 0.02,
    }


def clone_method(settings):
    match settings["CLONE_METHOD"]:
        case "CLONE_WITH_WALE":
            return clone_from_archive(settings)
        case "CLONE_WITH_BASEBACKUP":
            return clone_from_server(settings)
        case "":
            return {}
        case other:
            raise SettingError(f"CLONE_METHOD is {other!r}: it must be CLONE_WITH_WALE or CLONE_WITH_BASEBACKUP")


def clone_from_archive(settings):
    if not reads_archive(settings, "CLONE_"):
        raise SettingError("CLONE_WITH_WALE needs CLONE_WALG_S3_PREFIX, or CLONE_WAL_S3_BUCKET and CLONE_SCOPE")
    folder = env_dir(settings, "CLONE_")
    at_target = "pause" if settings["USE_PAUSE_AT_RECOVERY_TARGET"] else "promote"
    target_time = settings["CLONE_TARGET_TIME"]
    exclusive = settings["CLONE_TARGET_INCLUSIVE"].lower() in ("", "false")
    command = f'envdir "{folder}" python3 /scripts/clone_with_wale.py'
    return {
        "method": "clone_with_wale",
        "clone_with_wale": {
            "command": f'{command} --recovery-target-time="{target_time}"' if target_time else command,
            "recovery_conf": {
                "restore_command": restore_command(settings, folder),
                "recovery_target_timeline": settings["CLONE_TARGET_TIMELINE"],
                "recovery_target_action": at_target,
                **({"recovery_target_time": target_time} if target_time else {}),
                **({"recovery_target_inclusive": "false"} if exclusive else {}),
            },
        },
    }


def clone_from_server(settings):
    needed = ("CLONE_SCOPE", "CLONE_HOST", "CLONE_USER", "CLONE_PASSWORD")
    missing = [name for name in needed if not settings[name]]
    if missing:
        raise SettingError(f"CLONE_WITH_BASEBACKUP needs {', '.join(missing)}")
    connection = {"host": "CLONE_HOST", "port": "CLONE_PORT", "user": "CLONE_USER"}
    options = " ".join(f'--{option}="{settings[name]}"' for option, name in connection.items())
    return {
        "method": "clone_with_basebackup",
        "clone_with_basebackup": {
            "command": f"python3 /scripts/clone_with_basebackup.py --pgpass={clone_pgpass(settings)} {options}"
        },
    }


def clone_pgpass(settings):
    return f"{settings['PGHOME']}/.pgpass_{settings['CLONE_SCOPE']}"


def standby_cluster(settings):
    """A cluster whose leader follows another cluster, by streaming, from its archive, or both."""
    from_archive = follows_archive(settings)
    if not (from_archive or settings["STANDBY_HOST"]):
        return {}
    source = {
        "host": settings["STANDBY_HOST"],
        "port": settings["STANDBY_PORT"],
        "primary_slot_name": settings["STANDBY_PRIMARY_SLOT_NAME"],
    }
    methods = ["basebackup_fast_xlog"]
    archive = {}
    if from_archive:
        methods.insert(0, "bootstrap_standby_with_wale")
        archive = {"restore_command": restore_command(settings, env_dir(settings, "STANDBY_"))}
    given = {key: value for key, value in source.items() if value}
    return {"standby_cluster": {"create_replica_methods": methods, **archive, **given}}


def follows_archive(settings):
    """Whether this is a standby of a cluster whose archive can be read. A clone is nobody's standby."""
    return not settings["CLONE_METHOD"] and reads_archive(settings, "STANDBY_")


def reads_archive(settings, prefix):
    """Whether enough is said to find another cluster's archive."""
    location, *prefixes = ARCHIVE_LOCATIONS
    by_scope = settings[prefix + location] and settings[f"{prefix}SCOPE"]
    return bool(by_scope or any(settings[prefix + name] for name in prefixes))


def env_dir(settings, prefix):
    """Where the variables for another cluster's archive are."""
    scope = settings[f"{prefix}SCOPE"]
    name = f"env-{prefix[:-1].lower()}" + (f"-{scope}" if scope else "")
    return f"/run/etc/wal-e.d/{name}"


def restore_command(settings, environment_folder):
    timeout = settings["WAL_RESTORE_TIMEOUT"]
    return f'envdir "{environment_folder}" timeout "{timeout}" /scripts/restore_command.sh "%f" "%p"'

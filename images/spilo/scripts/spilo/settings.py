"""The environment with Spilo's defaults, and what follows from both."""

import os

from spilo import host

POSTGRESQL_FOLDER = "/usr/lib/postgresql"
PROVIDERS = ("aws", "google", "openstack", "local")

DEFAULTS = {
    "ALLOW_NOSSL": "",
    "APIPORT": "8008",
    "BACKUP_NUM_TO_RETAIN": "5",
    "BACKUP_SCHEDULE": "0 1 * * *",
    "CALLBACK_SCRIPT": "",
    "CLONE_METHOD": "",
    "CLONE_PORT": "5432",
    "CLONE_TARGET_INCLUSIVE": "true",
    "CLONE_TARGET_TIME": "",
    "CLONE_TARGET_TIMELINE": "latest",
    "CRONTAB": "[]",
    "HUMAN_ROLE": "zalandos",
    "INITDB_LOCALE": "en_US",
    "NAMESPACE": "",
    "PGDATA": "/home/postgres/pgdata/pgroot/data",
    "PGHOME": "/home/postgres",
    "PGLOG": "/home/postgres/pgdata/pgroot/pg_log",
    "PGPASSWORD_STANDBY": "standby",
    "PGPASSWORD_SUPERUSER": "zalando",
    "PGPORT": "5432",
    "PGROOT": "/home/postgres/pgdata/pgroot",
    "PGUSER_STANDBY": "standby",
    "PGUSER_SUPERUSER": "postgres",
    "SCOPE": "dummy",
    "SPILO_PROVIDER": "local",
    "SSL_CA_FILE": "",
    "SSL_CERTIFICATE_FILE": "/run/certs/server.crt",
    "SSL_CRL_FILE": "",
    "SSL_PRIVATE_KEY_FILE": "/run/certs/server.key",
    "SSL_RESTAPI_CA_FILE": "",
    "SSL_RESTAPI_CERTIFICATE_FILE": "",
    "SSL_RESTAPI_PRIVATE_KEY_FILE": "",
    "STANDBY_HOST": "",
    "STANDBY_PORT": "",
    "STANDBY_PRIMARY_SLOT_NAME": "",
    "USE_PAUSE_AT_RECOVERY_TARGET": "",
    "WALE_BACKUP_THRESHOLD_MEGABYTES": "102400",
    "WALE_BACKUP_THRESHOLD_PERCENTAGE": "30",
    "WALE_ENV_DIR": "/run/etc/wal-e.d/env",
    "WAL_BUCKET_SCOPE_SUFFIX": "",
    "WAL_RESTORE_TIMEOUT": "0",
}
ARCHIVE_LOCATIONS = ("WAL_S3_BUCKET", "WALE_S3_PREFIX", "WALG_S3_PREFIX")

# Contents given in a variable are written to the file that another names, or to this one.
CONTENT_FILES = {
    "SSL_CA": ("SSL_CA_FILE", "/run/certs/ca.crt"),
    "SSL_CRL": ("SSL_CRL_FILE", "/run/certs/server.crl"),
    "SSL_RESTAPI_CA": ("SSL_RESTAPI_CA_FILE", "/run/certs/rest-api-ca.crt"),
    "SSL_RESTAPI_CERTIFICATE": ("SSL_RESTAPI_CERTIFICATE_FILE", "/run/certs/rest-api-server.crt"),
    "SSL_RESTAPI_PRIVATE_KEY": ("SSL_RESTAPI_PRIVATE_KEY_FILE", "/run/certs/rest-api-server.key"),
}


class SettingError(Exception):
    """A variable has a value that nothing can be made of."""


class Settings(dict):
    """Every variable by its name, as a string; absent ones without a default read as ''."""

    def __init__(self, environment, address="127.0.0.1", memory_mib=None, member=None):
        super().__init__(DEFAULTS)
        self.update(environment)
        if self["SPILO_PROVIDER"] not in PROVIDERS:
            raise SettingError(f"SPILO_PROVIDER is {self['SPILO_PROVIDER']!r}: it must be one of {', '.join(PROVIDERS)}")
        self.member = member or host.name()
        self.memory_mib = memory_mib or host.memory_mib()
        self.setdefault("RESTAPI_CONNECT_ADDRESS", f"{address}:{self['APIPORT']}")
        self.setdefault("PG_CONNECT_ADDRESS", f"{address}:{self['PGPORT']}")
        # Clusters of the same name in two namespaces must not share a folder of the bucket.
        namespaced = self["NAMESPACE"] not in ("", "default")
        self.setdefault("WAL_BUCKET_SCOPE_PREFIX", f"{self['NAMESPACE']}-" if namespaced else "")
        self.setdefault("WALE_TMPDIR", os.path.normpath(os.path.join(self["PGROOT"], "..", "tmp")))
        self["PGVERSION"] = postgresql_version(self["PGDATA"], self["PGVERSION"])
        for content, (file, default_path) in CONTENT_FILES.items():
            if self[content] and not self[file]:
                self[file] = default_path

    def __missing__(self, name):
        return ""

    def is_true(self, name):
        return str(self[name]).lower() == "true"

    @property
    def archives(self):
        """Whether WAL is archived at all."""
        return any(self[name] for name in ARCHIVE_LOCATIONS)

    def uses_walg(self, purpose, prefix=""):
        """Whether wal-g does the BACKUP or the RESTORE. Spilo restores from S3 with it unless told otherwise."""
        default = "true" if purpose == "RESTORE" or prefix else "false"
        general = self.get(f"{prefix}USE_WALG", default)
        return str(self.get(f"{prefix}USE_WALG_{purpose}", general)).lower() == "true"


def postgresql_version(data_folder, wanted):
    """What the data was made with; else what is asked for; else the newest here."""
    version_file = os.path.join(data_folder, "PG_VERSION")
    if os.path.exists(version_file):
        with open(version_file, encoding="ascii") as file:
            return file.read().strip()
    here = installed_versions()
    if wanted and here and wanted not in here:
        raise SettingError(f"PGVERSION is {wanted!r}: this image has {', '.join(here)}")
    return wanted or (here[-1] if here else "17")


def installed_versions():
    folders = os.listdir(POSTGRESQL_FOLDER) if os.path.isdir(POSTGRESQL_FOLDER) else []
    usable = [name for name in folders if os.access(binary_folder(name) + "/postgres", os.X_OK)]
    return sorted(usable, key=int)


def binary_folder(version):
    return f"{POSTGRESQL_FOLDER}/{version}/bin"

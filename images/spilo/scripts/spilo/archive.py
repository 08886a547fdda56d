"""The folders of variables with which the archiver finds an archive: the cluster's own, and one it restores from."""

import logging
import os

from spilo.bootstrap import clone_pgpass, env_dir, follows_archive
from spilo.files import give_to_postgres, write_secret

PASSED_ON = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ROLE_ARN",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "BACKUP_NUM_TO_RETAIN",
    "PGPORT",
    "WALE_S3_PREFIX",
    "WALG_BACKUP_COMPRESSION_METHOD",
    "WALG_BACKUP_FROM_REPLICA",
    "WALG_COMPRESSION_METHOD",
    "WALG_DISABLE_S3_SSE",
    "WALG_DOWNLOAD_CONCURRENCY",
    "WALG_S3_CA_CERT_FILE",
    "WALG_S3_PREFIX",
    "WALG_S3_SSE",
    "WALG_S3_SSE_KMS_ID",
    "WALG_UPLOAD_CONCURRENCY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def write_environments(settings):
    if settings.archives:
        write(settings, "", settings["WALE_ENV_DIR"])
    if settings["CLONE_METHOD"] == "CLONE_WITH_WALE":
        write(settings, "CLONE_", env_dir(settings, "CLONE_"))
    elif settings["CLONE_METHOD"] == "CLONE_WITH_BASEBACKUP":
        write_secret(clone_pgpass(settings), pgpass_line(settings))
    elif follows_archive(settings):
        write(settings, "STANDBY_", env_dir(settings, "STANDBY_"))


def write(settings, prefix, folder):
    os.makedirs(settings["WALE_TMPDIR"], exist_ok=True)
    os.chmod(settings["WALE_TMPDIR"], 0o1777)
    for name, value in variables(settings, prefix).items():
        write_secret(os.path.join(folder, name), value)
    os.chmod(folder, 0o700)
    give_to_postgres(folder)


def variables(settings, prefix=""):
    """The variables for one archive; those of another cluster are given with a prefix, such as CLONE_."""
    values = {name: settings[prefix + name] for name in PASSED_ON}
    for purpose in ("BACKUP", "RESTORE"):
        values[f"USE_WALG_{purpose}"] = "true" if settings.uses_walg(purpose, prefix) else ""
    values |= location(settings, prefix) | access(settings, prefix)
    values["PGPORT"] = settings["PGPORT"]
    values["TMPDIR"] = settings["WALE_TMPDIR"]
    if prefix:
        values["BACKUP_NUM_TO_RETAIN"] = ""
    return {name: value for name, value in values.items() if value}


def location(settings, prefix):
    """Both tools' names for the archive's place. Given as a bucket, it is Spilo's folder in it."""
    given = settings[f"{prefix}WALG_S3_PREFIX"] or settings[f"{prefix}WALE_S3_PREFIX"]
    if not given:
        scope_prefix = settings.get(f"{prefix}WAL_BUCKET_SCOPE_PREFIX", "")
        scope_suffix = settings.get(f"{prefix}WAL_BUCKET_SCOPE_SUFFIX", "")
        version = settings[f"{prefix}PGVERSION"] or settings["PGVERSION"]
        folder = f"spilo/{scope_prefix}{settings[f'{prefix}SCOPE']}{scope_suffix}/wal/{version}"
        given = f"s3://{settings[f'{prefix}WAL_S3_BUCKET']}/{folder}"
    return {"WALE_S3_PREFIX": given, "WALG_S3_PREFIX": given}


def access(settings, prefix):
    """A server of one's own is reached by path, without encryption at rest; its region matters to wal-g alone."""
    values = {}
    endpoint = settings[f"{prefix}AWS_ENDPOINT"]
    region = settings[f"{prefix}AWS_REGION"]
    if endpoint:
        values |= {
            "AWS_ENDPOINT": endpoint,
            "AWS_S3_FORCE_PATH_STYLE": "true",
            "WALE_S3_ENDPOINT": endpoint.replace("://", "+path://"),
            "WALG_DISABLE_S3_SSE": settings[f"{prefix}WALG_DISABLE_S3_SSE"] or "true",
        }
        if region and settings.uses_walg("BACKUP", prefix):
            values["AWS_REGION"] = region
    elif region:
        values["AWS_REGION"] = region
    else:
        logging.warning("%sAWS_REGION is not set and there is no %sAWS_ENDPOINT", prefix, prefix)
    if not (settings[f"{prefix}AWS_ACCESS_KEY_ID"] and settings[f"{prefix}AWS_SECRET_ACCESS_KEY"]):
        values["AWS_INSTANCE_PROFILE"] = "true"
    return values


def pgpass_line(settings):
    fields = ("CLONE_HOST", "CLONE_PORT", None, "CLONE_USER", "CLONE_PASSWORD")
    escaped = (settings[name].replace("\\", "\\\\").replace(":", "\\:") if name else "*" for name in fields)
    return ":".join(escaped) + "\n"

"""Where the archive is, from WAL-G's variables, and how barman-cloud is told so."""

import contextlib
import importlib
import io
import os
import tempfile


class SettingError(Exception):
    """A variable is missing or has no usable value."""


class Archive:
    """The archive of one cluster: `s3://BUCKET/FOLDER`, whose last folder is barman's "server"."""

    def __init__(self, prefix, endpoint=None):
        scheme, _, path = prefix.rstrip("/").partition("://")
        parent, _, self.server = path.rpartition("/")
        if scheme != "s3" or not parent or not self.server:
            raise SettingError(f"WALG_S3_PREFIX is {prefix!r}: it must be s3://BUCKET/FOLDER")
        self.url = f"s3://{parent}"
        self.bucket = parent.partition("/")[0]
        self.endpoint = endpoint

    @property
    def folder(self):
        """The prefix of every object's key, without a slash at its end."""
        return f"{self.url.partition('://')[2].partition('/')[2]}/{self.server}".lstrip("/")

    def objects(self, under):
        """(key, size in bytes) of every object below a folder of the archive."""
        import boto3

        client = boto3.client("s3", endpoint_url=self.endpoint)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.folder}/{under}/")
        return ((entry["Key"], entry["Size"]) for page in pages for entry in page.get("Contents", []))

    @classmethod
    def from_environment(cls):
        prefix = os.environ.get("WALG_S3_PREFIX") or os.environ.get("WALE_S3_PREFIX")
        if not prefix:
            raise SettingError("WALG_S3_PREFIX is not set: give it as s3://BUCKET/FOLDER")
        adopt_aws_settings()
        return cls(prefix, os.environ.get("AWS_ENDPOINT") or None)

    def arguments(self, *options, after=()):
        """barman-cloud's command line. Keys are never on it: boto3 takes them from the environment."""
        endpoint = ["--endpoint-url", self.endpoint] if self.endpoint else []
        return ["--quiet", "--cloud-provider", "aws-s3", *endpoint, *options, self.url, self.server, *after]

    def run(self, client, *options, after=()):
        """Runs one of barman's clients in this process, to spare a second start of Python. Gives its exit code."""
        module = importlib.import_module(f"barman.clients.{client}")
        never_create_a_bucket()
        try:
            module.main(self.arguments(*options, after=after))
        except SystemExit as end:
            return end.code or 0
        return 0

    def output_of(self, client, *options):
        """What one of barman's clients prints. Raises when it fails."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            code = self.run(client, *options)
        if code:
            raise SettingError(f"the archive {self.url}/{self.server} cannot be read (barman's exit code {code})")
        return printed.getvalue()


def never_create_a_bucket():
    """barman makes a missing bucket, WAL-G does not: a wrong name must be an error, not a second archive."""
    from barman.cloud_providers.aws_s3 import S3CloudInterface

    def refuse(interface):
        if not interface.bucket_exists:
            raise SettingError(f"bucket {interface.bucket_name} does not exist")

    S3CloudInterface.setup_bucket = refuse


def adopt_aws_settings(environment=os.environ):
    """Gives boto3 by its own names what WAL-G takes by others."""
    environment.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    environment.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")
    if environment.get("AWS_REGION"):
        environment.setdefault("AWS_DEFAULT_REGION", environment["AWS_REGION"])
    else:
        # A self-hosted server has no region, but requests cannot be signed without one.
        environment.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    if environment.get("WALG_S3_CA_CERT_FILE"):
        environment.setdefault("AWS_CA_BUNDLE", environment["WALG_S3_CA_CERT_FILE"])
    if environment.get("AWS_S3_FORCE_PATH_STYLE", "").lower() == "true":
        environment["AWS_CONFIG_FILE"] = path_style_config()


def path_style_config():
    """A boto3 configuration file; path style has no variable there."""
    path = os.path.join(tempfile.gettempdir(), f"wal-g-{os.getuid()}.aws")
    content = "[default]\ns3 =\n  addressing_style = path\n"
    try:
        with open(path, encoding="ascii") as existing:
            if existing.read() == content:
                return path
    except FileNotFoundError:
        pass
    unfinished = f"{path}.{os.getpid()}"
    with open(unfinished, "w", encoding="ascii") as config:
        config.write(content)
    os.replace(unfinished, path)
    return path

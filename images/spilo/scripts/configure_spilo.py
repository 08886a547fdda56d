#!/usr/bin/env python3
"""Turns the container's environment into the files that its services read. Run once, by launch.sh.

What exists is not overwritten, so a container that is restarted keeps the configuration it was created with.
"""

import logging
import os
import socket
import sys

import yaml

from spilo import archive, certificates, crontab, patroni_config, services
from spilo.files import write_secret
from spilo.settings import SettingError, Settings

CONFIG_FILE = "/run/postgres.yml"


def main():
    logging.basicConfig(format="%(asctime)s - bootstrapping - %(levelname)s - %(message)s", level=logging.INFO)
    try:
        settings = Settings(os.environ, address=first_address())
        config = patroni_config.build(settings)
    except SettingError as error:
        logging.error("%s", error)
        return 1
    configure(settings, config)
    return 0


def configure(settings, config):
    certificates.write(settings)
    services.make_socket_folder()
    write_secret(CONFIG_FILE, yaml.safe_dump(config, default_flow_style=False, width=120))
    archive.write_environments(settings)
    crontab.write(settings)
    for name in ("patroni", "bg_mon", *(["cron"] if crontab.lines(settings) else [])):
        services.enable(name)


def first_address():
    """The address that this host name has, which members advertise unless they are told another."""
    return socket.getaddrinfo(socket.gethostname(), 0, socket.AF_UNSPEC, socket.SOCK_STREAM)[0][4][0]


if __name__ == "__main__":
    sys.exit(main())

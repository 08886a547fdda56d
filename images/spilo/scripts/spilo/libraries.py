"""Which of the libraries that Spilo preloads are in this image."""

import logging
import os

# What Spilo's own image preloads.
SPILO_LIBRARIES = (
    "bg_mon",
    "pg_stat_statements",
    "pgextwlist",
    "pg_auth_mon",
    "set_user",
    "timescaledb",
    "pg_cron",
    "pg_stat_kcache",
)


def preloadable(wanted, library_folder):
    """Leaves out libraries that only Spilo's own image has: the server would not start with one missing.

    Any other name stays, so that a mistake is an error as it is there.
    """
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    missing = [
        name
        for name in names
        if name in SPILO_LIBRARIES and not os.path.exists(os.path.join(library_folder, f"{name}.so"))
    ]
    if missing:
        logging.info("not in this image and not preloaded: %s", ", ".join(missing))
    return ",".join(name for name in names if name not in missing)

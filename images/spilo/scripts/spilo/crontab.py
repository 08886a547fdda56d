"""The scheduled work of a member, as a crontab of PostgreSQL's user. Times are the container's, which is UTC."""

import logging
import subprocess

import yaml

from spilo.settings import SettingError

USER = "postgres"


def lines(settings):
    """The crontab without its variables; empty if nothing is scheduled."""
    scheduled = []
    if settings.archives:
        log = f'>>"{settings["PGLOG"]}/backup.log" 2>&1'
        command = f'envdir "{settings["WALE_ENV_DIR"]}" /scripts/postgres_backup.sh "{settings["PGDATA"]}"'
        scheduled.append(f"{settings['BACKUP_SCHEDULE']} {command} {log}")
    return scheduled + own_lines(settings["CRONTAB"])


def own_lines(given):
    parsed = yaml.safe_load(given) or []
    if not isinstance(parsed, list):
        raise SettingError(f"CRONTAB must be a list of crontab lines, but is a {type(parsed).__name__}")
    return [str(line) for line in parsed]


def write(settings):
    if not lines(settings):
        return
    if subprocess.run(["crontab", "-u", USER, "-l"], capture_output=True, check=False).returncode == 0:
        logging.warning("Cron for %s is already configured, not overwriting", USER)
        return
    text = "\n".join([f"PATH={settings['PATH']}", f"LC_ALL={settings['LC_ALL']}", *lines(settings), ""])
    subprocess.run(["crontab", "-u", USER, "-"], input=text, text=True, check=True)

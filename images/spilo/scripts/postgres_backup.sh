#!/bin/bash
# Makes a base backup, then lets go of those that are not needed any more. Run with the archive's variables.
exec python3 /scripts/postgres_backup.py "$@"

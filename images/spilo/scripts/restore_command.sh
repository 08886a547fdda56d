#!/bin/bash
# PostgreSQL's restore_command: brings one WAL file from the archive. Run with the archive's variables.
[[ -n ${1:-} && -n ${2:-} ]] || exit 1
exec wal-g wal-fetch "$1" "$2"

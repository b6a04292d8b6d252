#!/usr/bin/env bash
# Prints where tests put their files: in memory where there is enough of it, because waiting for a disk proves nothing more; where
# memory is scarce, as in containers, on the disk.
if [[ -w /dev/shm && "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -ge 4194304 ]]; then
  echo /dev/shm
else
  echo "${TMPDIR:-/tmp}"
fi

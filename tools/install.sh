#!/usr/bin/env bash
# tools/install.sh [build|test]: installs the Debian packages of tools/packages.txt that are missing ("test" includes "build").
# Asks apt nothing and needs no network when everything is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

set_name="${1:-build}"
case "$set_name" in
  build) wanted=$(awk '$1 == "build" { print $2 }' tools/packages.txt) ;;
  test) wanted=$(awk '$1 == "build" || $1 == "test" { print $2 }' tools/packages.txt) ;;
  *) echo "usage: tools/install.sh [build|test]" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "Segue builds on Debian 12 (or a system with apt and the same package names)." >&2
  echo "Elsewhere, install the equivalents of tools/packages.txt by hand, then run cmake --preset release." >&2
  exit 1
fi

installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | awk '$2 == "installed" { printf "%s ", $1 }')"
missing=()
for package in $wanted; do
  [[ "$installed" == *" $package "* ]] || missing+=("$package")
done
# Debian's npm brings some hundreds of packages, so it is installed only where no npm exists.
command -v npm >/dev/null || missing+=(npm)
(( ${#missing[@]} )) || exit 0

as_root=()
if (( EUID != 0 )); then
  command -v sudo >/dev/null || { echo "These packages are missing and only root can install them: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing ${#missing[@]} packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >"$log" 2>&1; }
if ! { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
  tail -n 30 "$log" >&2
  echo "apt-get could not install what is missing; see above." >&2
  exit 1
fi

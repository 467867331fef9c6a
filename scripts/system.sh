#!/bin/bash
# What the full test run wants from the system: a browser, a PostgreSQL server, readers of PDF.
# As root on Debian/Ubuntu it is installed, unless NO_INSTALL=1; otherwise it is named, and with CI=1 that is an error.
set -euo pipefail
has() { command -v "$1" >/dev/null 2>&1; }
missing() {
  has chromium || has chromium-browser || echo chromium
  ls "${PG_BIN:-/nowhere}"/initdb /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has initdb || echo postgresql
  has pdfsig || echo poppler-utils
  has qpdf || echo qpdf
  has certutil || echo libnss3-tools
  has openssl || echo openssl
  has curl || echo curl
}
want=$(missing | xargs)
[ -z "$want" ] && exit 0
if [ "$(id -u)" = 0 ] && has apt-get && [ "${NO_INSTALL:-}" != 1 ]; then
  echo "installing: $want"
  # No cluster of Debian's own is wanted: the tests start a throw-away server themselves.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold $want >/dev/null
  want=$(missing | xargs)
  [ -z "$want" ] && exit 0
fi
echo "not installed: $want; as root: apt-get install $want" >&2
[ "${CI:-}" = 1 ] && exit 1
echo "tests that need them are skipped" >&2

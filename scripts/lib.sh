# shellcheck shell=bash
# What the scripts share; sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034  # read by the scripts that source this file
target=${CARGO_TARGET_DIR:-$root/target}

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The folder with initdb, postgres and pg_ctl, or nothing. Debian keeps them off the PATH; the newest version wins.
postgres_folder() {
  local newest
  newest=$(find /usr/lib/postgresql/*/bin -name initdb 2>/dev/null | sort -V | tail -n 1)
  [ -n "$newest" ] || newest=$(command -v initdb || true)
  [ -z "$newest" ] || dirname "$newest"
}

# The browser that chromedriver is to start, or nothing.
chromium_path() {
  command -v chromium || command -v chromium-browser || command -v google-chrome || true
}

#!/usr/bin/env bash
# Makes an earlier release of a site live again, in seconds; the next delivery makes its own live.
set -euo pipefail

if [[ $# == 0 || $1 == -h || $1 == --help ]]; then
  cat <<'HELP'
Usage: roll-back.sh STACK [RELEASE]

Makes the release before the live one live again, or the one that is named, which may be a newer one. STACK is the site's,
for example bookstore-website-production. A RELEASE that does not exist lists those that do. The next delivery makes its own live.

Needs the AWS CLI with credentials and a region; in a local cloud they are the four variables that `cargo local up` prints.
HELP
  exit $(($# ? 0 : 2))
fi
source "$(dirname "$0")/site.sh"

release=${2:-}
if [[ ! $release ]]; then
  live=$(live)
  release=$(whole_releases | awk -v live="$live" '$1 < live && !found++')
fi
if ! whole_releases | grep -xF -- "$release"; then
  printf 'There is no release %s in %s. There are, the newest first:\n' "${release:-before $live}" "$bucket" >&2
  whole_releases >&2
  exit 1
fi
activate "$release"

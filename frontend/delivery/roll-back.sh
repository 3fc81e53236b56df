#!/usr/bin/env bash
# Goes back to the release before the live one, or to a named one, in seconds: delivery/roll-back.sh STACK [RELEASE]
# A newer one is named likewise. The next delivery makes its own release live again.
set -euo pipefail
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

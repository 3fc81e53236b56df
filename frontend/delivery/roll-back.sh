#!/usr/bin/env bash
# Goes back to the release before the live one, or to a named one, in seconds: delivery/roll-back.sh STACK [RELEASE]
# A release that is newer than the live one is named likewise. The next delivery makes its own release live again.
set -euo pipefail
source "$(dirname "$0")/site.sh"

release=${2:-}
if [[ ! $release ]]; then
  live=$(live)
  release=$(releases --whole | awk -v live="$live" '$1 < live { print; exit }')
  [[ $release ]] || { echo "No release before ${live:-the first} is kept in $bucket." >&2; exit 1; }
fi
exec "$(dirname "$0")/activate.sh" "$stack" "$release"

#!/usr/bin/env bash
# Looks at a site as a visitor does, after a deployment: delivery/check.sh STACK, beside dist/
set -euo pipefail
source "$(dirname "$0")/site.sh"
cd "$(dirname "$0")/.."

site=$(output SiteUrl)
# A new distribution's name, and a page's second in CloudFront's cache, take their time.
get() { curl --silent --show-error --fail --retry 10 --retry-delay 2 --retry-all-errors "$1"; }
for _ in {1..10}; do
  page=$(get "$site/")
  if [[ $page == "$(<dist/index.html)" ]]; then break; fi
  sleep 1
done
[[ $page == "$(<dist/index.html)" ]] || { echo "$site shows another release" >&2; exit 1; }

api=$(get "$site/config.json" | sed 's/.*"apiUrl":"\([^"]*\)".*/\1/')
if [[ $api == /* ]]; then api=$site$api; fi
get "$api/books?limit=1" >/dev/null
echo "$site shows this release, and $api answers"

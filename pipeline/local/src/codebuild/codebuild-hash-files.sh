#!/usr/bin/env bash
# One SHA-256 over all files that the patterns match: for the keys of caches.
set -euo pipefail
shopt -s globstar failglob
IFS= # names may hold spaces
sha256sum -- $@ | sort -k 2 | sha256sum | cut -d ' ' -f 1

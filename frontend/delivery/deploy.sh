#!/usr/bin/env bash
# Brings a built release into a site's bucket and makes it live: delivery/deploy.sh STACK, beside dist/ and release.txt.
# Safe to repeat, and to begin again after it was interrupted.
set -euo pipefail
source "$(dirname "$0")/site.sh"
cd "$(dirname "$0")/.."
release=$(<release.txt)
keep=${KEEP_RELEASES:-5}
before=$(live)

# The list first: from then on nobody who tidies up takes these files for nobody's.
assets=$(cd dist && find assets -type f | sort)
aws s3 cp - "s3://$bucket/releases/$release/assets.txt" <<<"$assets"
# A name says what is in the file, so one that is there needs no second upload.
upload_assets() {
  aws s3 sync dist/assets "s3://$bucket/assets" --no-progress --size-only \
    --cache-control 'public, max-age=31536000, immutable'
}
upload_assets
aws s3 cp dist "s3://$bucket/releases/$release/" --no-progress --recursive --cache-control no-cache \
  --exclude 'assets/*' --exclude index.html --exclude '.vite/*'
aws s3 cp dist/index.html "s3://$bucket/releases/$release/index.html" --no-progress --cache-control no-cache \
  --metadata "release=$release"

activate "$release"
look

# Kept are the newest whole releases, and any that is on its way beside them; what is live; and what was live until now,
# for the tabs in which it is open.
oldest=$(whole_releases | sed -n "1,${keep}p" | tail -n 1)
for old in $(releases | awk -v oldest="$oldest" -v live="$release" -v before="$before" \
  '$1 < oldest && $1 != live && $1 != before'); do
  echo "Removing the release $old"
  aws s3 rm "s3://$bucket/releases/$old/index.html" # first, so that nobody goes back to a half of it
  aws s3 rm "s3://$bucket/releases/$old/" --recursive
done

# Removed is what no kept release has, whatever its age: of hashed files their lists know, of the others their folders.
lists=$(mktemp -d)
trap 'rm -r "$lists"' EXIT
aws s3 cp "s3://$bucket/releases/" "$lists" --no-progress --recursive --exclude '*' --include '*/assets.txt'
look
present=$(grep -v '^releases/' <<<"$keys" | sort)
wanted=$( (cat "$lists"/*/assets.txt; sed -n 's|^releases/[^/]*/||p' <<<"$keys"; echo config.json) | sort -u)
comm -23 <(echo "$present") <(echo "$wanted") | while IFS= read -r file; do aws s3 rm "s3://$bucket/$file"; done
# Should a run beside this one have begun to tidy up before the list was there.
if [[ $(comm -13 <(echo "$present") <(echo "$assets")) ]]; then upload_assets; fi

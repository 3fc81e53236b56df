#!/usr/bin/env bash
# Brings a built release into a site's bucket and makes it live: delivery/deploy.sh STACK, beside dist/ and release.txt.
# Safe to repeat, and to begin again after it was interrupted.
set -euo pipefail
cd "$(dirname "$0")/.."
source delivery/site.sh
release=$(<release.txt)
keep=${KEEP_RELEASES:-5}
before=$(live)

# The list first: from then on nobody who tidies up takes these files for nobody's.
(cd dist && find assets -type f | sort) | aws s3 cp - "s3://$bucket/releases/$release/assets.txt"
# A name says what is in the file, so one that is there needs no second upload.
upload_assets() {
  aws s3 sync dist/assets "s3://$bucket/assets" --size-only --cache-control 'public, max-age=31536000, immutable'
}
upload_assets
aws s3 cp dist "s3://$bucket/releases/$release/" --recursive --cache-control no-cache --exclude 'assets/*' --exclude index.html
aws s3 cp dist/index.html "s3://$bucket/releases/$release/index.html" --cache-control no-cache --metadata "release=$release"

delivery/activate.sh "$stack" "$release"

# Kept are the newest whole releases, and any that is on its way beside them; what is live; and what was live until now,
# for the tabs in which it is open.
whole=$(releases --whole)
oldest=$(sed -n "1,${keep}p" <<<"$whole" | tail -n 1)
all=$(releases)
for old in $(awk -v oldest="$oldest" -v live="$release" -v before="$before" \
  '$1 < oldest && $1 != live && $1 != before' <<<"$all"); do
  echo "Removing the release $old"
  aws s3 rm "s3://$bucket/releases/$old/index.html" # first, so that nobody goes back to a half of it
  aws s3 rm "s3://$bucket/releases/$old/" --recursive
done

# Removed is what no kept release lists, whatever its age.
all=$(releases)
listed=$(for kept in $all; do aws s3 cp "s3://$bucket/releases/$kept/assets.txt" -; done | sort -u)
present=$(files assets/ | sort)
doomed=()
for file in $(comm -13 <(echo "$listed") <(echo "$present")); do doomed+=(--include "$file"); done
if ((${#doomed[@]})); then aws s3 rm "s3://$bucket/" --recursive --exclude '*' "${doomed[@]}"; fi
upload_assets # once more, should a run beside this one have begun to tidy up before the list was there

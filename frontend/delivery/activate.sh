#!/usr/bin/env bash
# Makes a release live that is in the bucket: delivery/activate.sh STACK RELEASE
set -euo pipefail
source "$(dirname "$0")/site.sh"
release=${2:?the id of the release}

whole=$(releases --whole)
if ! grep -qxF "$release" <<<"$whole"; then
  printf 'There is no release %s in %s. There are, the newest first:\n%s\n' "$release" "$bucket" "$whole" >&2
  exit 1
fi

# As the back end wrote it for this environment, with the API where this hosting has it.
config=$(aws ssm get-parameter --name "$(output Configuration)" --query Parameter.Value --output text)
api=$(output ApiUrl)
sed "${api:+s|\"apiUrl\":\"[^\"]*\"|\"apiUrl\":\"$api\"|}" <<<"$config" |
  aws s3 cp - "s3://$bucket/config.json" --cache-control no-cache --content-type application/json

# Copies keep type, Cache-Control and metadata.
aws s3 cp "s3://$bucket/releases/$release/" "s3://$bucket/" --recursive --exclude index.html --exclude assets.txt
aws s3 cp "s3://$bucket/releases/$release/index.html" "s3://$bucket/index.html"

# What only another release had. Hashed files stay, for the tabs in which it is open.
own=$(files "releases/$release/")
keep=(--exclude 'assets/*' --exclude 'releases/*' --exclude config.json)
while read -r file; do keep+=(--exclude "${file#"releases/$release/"}"); done <<<"$own"
aws s3 rm "s3://$bucket/" --recursive "${keep[@]}"
echo "$release is live at $(output SiteUrl)"

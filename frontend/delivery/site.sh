# shellcheck shell=bash
# What the scripts of this folder share: where a site is, what its bucket holds, and how a release goes live. To be sourced.
#
#   index.html, …     the live release's files; index.html bears its id as metadata, so that one write makes a release live.
#                     A file that it does not have stays as long as a kept release has it
#   config.json       where this environment's API and accounts are; each activation writes it anew
#   assets/           the hashed files of all kept releases
#   releases/<id>/    a release's other files, and assets.txt, the list of its hashed ones. Ids sort as they were built.
#                     index.html comes last: without it a release is not whole, and nobody can go back to it

shopt -s inherit_errexit # what fails in $(…) ends the script: a list that could not be read is no empty one
export LC_ALL=C # one order for sort, comm and awk

output() { sed -n "s/^$1\t//p" <<<"$outputs"; }
look() { keys=$(aws s3api list-objects-v2 --bucket "$bucket" --output text --query "(Contents || \`[]\`)[].[Key]"); }
releases() { sed -n 's|^releases/\([^/]*\)/.*|\1|p' <<<"$keys" | sort -ru; } # the newest first
whole_releases() { sed -n 's|^releases/\([^/]*\)/index\.html$|\1|p' <<<"$keys" | sort -r; }

live() { # the live release; empty before the first
  if grep -qx index.html <<<"$keys"; then
    aws s3api head-object --bucket "$bucket" --key index.html --query Metadata.release --output text
  fi
}

activate() { # a release that is whole in the bucket
  local release=$1 config api
  # As the back end wrote it for this environment, with the API where this hosting has it.
  config=$(aws ssm get-parameter --name "$(output Configuration)" --query Parameter.Value --output text)
  api=$(output ApiUrl)
  sed "${api:+s|\"apiUrl\":\"[^\"]*\"|\"apiUrl\":\"$api\"|}" <<<"$config" |
    aws s3 cp - "s3://$bucket/config.json" --cache-control no-cache --content-type application/json
  # Copies keep type, Cache-Control and metadata.
  aws s3 cp "s3://$bucket/releases/$release/" "s3://$bucket/" --no-progress --recursive \
    --exclude index.html --exclude assets.txt
  aws s3 cp "s3://$bucket/releases/$release/index.html" "s3://$bucket/index.html" --no-progress
  echo "$release is live at $(output SiteUrl)"
}

stack=${1:?the name of the site\'s stack}
outputs=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
  --query "(Stacks[0].Outputs || \`[]\`)[].[OutputKey, OutputValue]")
bucket=$(output BucketName)
[[ $bucket ]] || { echo "The stack $stack has no bucket yet: deploy hosting.yaml to it first." >&2; exit 1; }
look

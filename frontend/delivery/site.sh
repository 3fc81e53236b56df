# shellcheck shell=bash
# What the scripts of this folder share: where a site is, and what its bucket holds. To be sourced.
#
#   index.html, …     the live release's files; index.html bears its id as metadata, so that one write makes a release live
#   config.json       where this environment's API and accounts are; each activation writes it anew
#   assets/           the hashed files of all kept releases
#   releases/<id>/    a release's other files, and assets.txt, the list of its hashed ones. Ids sort as they were built.
#                     index.html comes last: without it a release is not whole, and nobody can go back to it

shopt -s inherit_errexit # what fails in $(…) ends the script: a list that could not be read is no empty one
export LC_ALL=C # one order for sort, comm and awk

output() { # of the site's stack; empty if it has none of that name
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "(Stacks[0].Outputs[?OutputKey=='$1'].OutputValue)[0] || ''"
}

files() { # all keys that begin so
  aws s3api list-objects-v2 --bucket "$bucket" --prefix "$1" --output text --query "(Contents || \`[]\`)[].[Key]"
}

live() { # the live release; empty before the first
  local found
  found=$(files index.html)
  if [[ $found ]]; then
    aws s3api head-object --bucket "$bucket" --key index.html --query Metadata.release --output text
  fi
}

releases() { # all of them, or with --whole those that one can go back to; the newest first
  local found file='[^/]*'
  if [[ ${1:-} == --whole ]]; then file='index\.html'; fi
  found=$(files releases/)
  sed -n "s|^releases/\([^/]*\)/$file\$|\1|p" <<<"$found" | sort -ru
}

stack=${1:?the name of the site\'s stack}
bucket=$(output BucketName)
[[ $bucket ]] || { echo "The stack $stack has no bucket yet: deploy hosting.yaml to it first." >&2; exit 1; }

#!/usr/bin/env bash
# Pushes the website, which is a folder of this checkout and has a repository of its own, to that repository.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $# == 0 || $1 == -h || $1 == --help ]]; then
  cat <<'HELP'
Usage: pipeline/push-website.sh REMOTE [BRANCH] [OPTION of git push ...]

Pushes what frontend/ holds in HEAD, with its history, to a branch (main) of a remote or URL: each commit that changed the
folder becomes one of the same message, author and time whose root is that folder. The same commits always become the same,
so that a second push adds only what is new; and what is refused, `git push` itself refuses, as if somebody else pushed there.
HELP
  exit
fi
remote=$1 branch=main
shift
if [[ $# -gt 0 && $1 != -* ]]; then branch=$1; shift; fi

if [[ $(git status --porcelain -- frontend) ]]; then
  echo "Note: frontend/ has changes that are not committed; what is pushed is what HEAD has." >&2
fi

# `git subtree split` does the same, but is not part of every git.
tip=
for commit in $(git rev-list --reverse --first-parent HEAD -- frontend); do
  if ! tree=$(git rev-parse --quiet --verify "$commit:frontend"); then continue; fi # it removed the folder
  tip=$({
    echo "tree $tree"
    if [[ $tip ]]; then echo "parent $tip"; fi
    git cat-file commit "$commit" | LC_ALL=C awk 'body || /^(author|committer|encoding) / || /^$/; /^$/ { body = 1 }'
  } | git hash-object -t commit -w --stdin)
done
[[ $tip ]] || { echo "HEAD has no frontend/" >&2; exit 1; }
exec git push "$@" "$remote" "$tip:refs/heads/$branch"

#!/usr/bin/env bash
# Removes what pipeline/set-up.sh and the pipeline have made. Safe to repeat.
set -eo pipefail # without -u: to an old bash a list that is empty is one that is not set

application=bookstore repository='' website_repository='' data=false yes=false
for argument in "$@"; do
  case $argument in
    -h | --help)
      cat <<'HELP'
Usage: pipeline/clean-up.sh [--yes] [--data] [NAME=VALUE ...]

Removes both pipelines, application and website in staging and in production, and their roles. It keeps, and names, what holds
data: tables, accounts, buckets, and the repositories. The website's buckets hold none: a build makes again what is in them.
(Until CloudFront has let go of a site, minutes pass.)

  --data   removes that too, for ever; also later, when the rest is gone already
  --yes    does not ask first

NAME is ApplicationName, RepositoryName or WebsiteRepositoryName. A repository that bears another name than the set-up gives
it by itself has to be named only once its pipeline's stack is gone.
HELP
      exit ;;
    --data) data=true ;;
    --yes) yes=true ;;
    ApplicationName=*) application=${argument#*=} ;;
    RepositoryName=*) repository=${argument#*=} ;;
    WebsiteRepositoryName=*) website_repository=${argument#*=} ;;
    *) echo "there is no $argument; see pipeline/clean-up.sh --help" >&2; exit 2 ;;
  esac
done

say() { printf '%s\n' "$*"; }
status() { aws cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' --output text 2>&1; }
exists() { [[ $(status "$1") != *"does not exist"* ]]; }

site=$application-website
stacks=("$site-pipeline" "$application-pipeline" # first, so that they deploy nothing any more
  "$site-production" "$site-staging" "$application-production" "$application-staging" # whose removal needs the roles of the next
  "$site-environment-production" "$site-environment-staging"
  "$application-environment-production" "$application-environment-staging")

if ! $yes; then
  account=$(aws sts get-caller-identity --query Account --output text)
  say "In the account $account this removes the stacks ${stacks[*]}"
  say "and the buckets of the website and of its pipeline,"
  if $data; then say "and for ever all their data: tables, accounts, buckets, the repositories."; fi
  read -r -p "Type the application's name, $application, to go on: " answer
  [[ $answer == "$application" ]] || { say "Nothing was removed."; exit 1; }
fi

repository_of() { # a pipeline's stack, and the name if that is gone
  if ! exists "$1"; then say "$2"; return; fi
  aws cloudformation describe-stacks --stack-name "$1" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='RepositoryName'].OutputValue"
}
repository=$(repository_of "$application-pipeline" "${repository:-$application}")
website_repository=$(repository_of "$site-pipeline" "${website_repository:-$site}")

for stack in "${stacks[@]}"; do
  exists "$stack" || continue
  while [[ $(status "$stack") == *_IN_PROGRESS && $(status "$stack") != REVIEW_IN_PROGRESS ]]; do
    say "Waiting until $stack is not at work"
    sleep 5
  done
  say "Removing $stack"
  aws cloudformation update-termination-protection --stack-name "$stack" --no-enable-termination-protection >/dev/null
  aws cloudformation delete-stack --stack-name "$stack"
  until state=$(status "$stack"); [[ $state == *"does not exist"* || $state == DELETE_FAILED ]]; do sleep 2; done
  if exists "$stack"; then
    echo "$stack could not be removed:" >&2
    aws cloudformation describe-stack-events --stack-name "$stack" --output text --query \
      "StackEvents[?ends_with(ResourceStatus, '_FAILED')] | [:5].[LogicalResourceId, ResourceStatusReason]" >&2
    exit 1
  fi
done

# Those that builds made are in no stack.
groups=$(aws codebuild list-report-groups --query 'reportGroups[]' --output text)
for group in $groups; do
  case ${group##*/} in
    "$application"-backend-* | "$application"-test-* | "$site"-*)
      say "Removing the reports ${group##*/}"
      aws codebuild delete-report-group --arn "$group" --delete-reports ;;
  esac
done

find_buckets() { # whose names begin so
  aws s3api list-buckets --query "Buckets[?starts_with(Name, '$1')].Name" --output text
}
remove_buckets() {
  for bucket in "$@"; do
    say "Emptying and removing the bucket $bucket"
    aws s3 rb --force "s3://$bucket" >/dev/null
  done
}
remove_buckets $(find_buckets "$site-pipeline-artifacts-") $(find_buckets "$site-staging-files-") $(find_buckets "$site-production-files-")

# The CLI itself goes on to further pages of a list only without --max-results, which this call has to have.
user_pools() {
  local page token= found
  while [[ $token != None ]]; do
    page=$(aws cognito-idp list-user-pools --max-results 60 ${token:+--next-token "$token"} --output text \
      --query "[NextToken, join(' ', UserPools[?Name=='$1'].Id)]") || return
    read -r token found <<<"$page"
    printf '%s ' $found
  done
}

tables=() pools=() buckets=() repositories=()
for environment in staging production; do
  stack=$application-$environment
  tables+=($(aws dynamodb list-tables --query "TableNames[?starts_with(@, '$stack-Table-')]" --output text))
  found=$(user_pools "$stack")
  for pool in $found; do # several may bear a name; the template's tag tells ours
    tag=$(aws cognito-idp describe-user-pool --user-pool-id "$pool" --query UserPool.UserPoolTags.Stack --output text)
    if [[ $tag == "$stack" ]]; then pools+=("$pool"); fi
  done
  buckets+=($(find_buckets "$stack-uploads-") $(find_buckets "$stack-covers-"))
done
buckets+=($(find_buckets "$application-pipeline-artifacts-"))
listed=$(aws codecommit list-repositories --output text \
  --query "repositories[?repositoryName=='$repository' || repositoryName=='$website_repository'].repositoryName")
for name in $listed; do
  description=$(aws codecommit get-repository --repository-name "$name" \
    --query repositoryMetadata.repositoryDescription --output text)
  # Another of that name is not ours to remove.
  case $description in
    "The source of $application's back end" | "The source of $application's website") repositories+=("$name") ;;
  esac
done

if ! $data; then
  kept=("${tables[@]/#/table }" "${pools[@]/#/user pool }" "${buckets[@]/#/bucket }" "${repositories[@]/#/repository }")
  if ((${#kept[@]})); then
    say "Kept, with their data:"
    printf '  %s\n' "${kept[@]}"
    say "To remove that too: pipeline/clean-up.sh --data"
  fi
  exit
fi

for table in "${tables[@]}"; do
  say "Removing the table $table"
  aws dynamodb update-table --table-name "$table" --no-deletion-protection-enabled >/dev/null
  aws dynamodb wait table-exists --table-name "$table"
  aws dynamodb delete-table --table-name "$table" >/dev/null
done
for pool in "${pools[@]}"; do
  say "Removing the user pool $pool"
  aws cognito-idp update-user-pool --user-pool-id "$pool" --deletion-protection INACTIVE
  aws cognito-idp delete-user-pool --user-pool-id "$pool"
done
remove_buckets "${buckets[@]}"
for name in "${repositories[@]}"; do
  say "Removing the repository $name"
  aws codecommit delete-repository --repository-name "$name" >/dev/null
done
say "Nothing is left."

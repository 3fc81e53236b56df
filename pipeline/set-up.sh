#!/usr/bin/env bash
# Sets the delivery up in the account and region of your credentials, or brings it up to date. Safe to repeat.
set -euo pipefail
cd "$(dirname "$0")"

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  cat <<'HELP'
Usage: pipeline/set-up.sh [NAME=VALUE ...]

Sets up the pipeline, what it may do in staging and in production, and the two application stacks, still empty, which are
protected against deletion. NAME is a parameter of pipeline/backend.yaml; one that is not given keeps its value.

  pipeline/set-up.sh NotificationEmail=you@example.com    who is told of approvals to give, and of failures
  pipeline/set-up.sh Approval=false                       continuous deployment: every tested commit goes to production

Needs the AWS CLI (1 or 2) and credentials that may create roles. pipeline/clean-up.sh removes it all.
HELP
  exit
fi

application=bookstore repository=''
for parameter in "$@"; do
  case $parameter in
    ApplicationName=*) application=${parameter#*=} ;;
    RepositoryName=*) repository=${parameter#*=} ;;
    [A-Za-z]*=*) ;;
    *) echo "$parameter is no NAME=VALUE; see pipeline/set-up.sh --help" >&2; exit 2 ;;
  esac
done

say() { printf '%s\n' "$*"; }
status() { aws cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' --output text 2>&1; }
of_pipeline() { aws cloudformation describe-stacks --stack-name "$application-pipeline" --query "Stacks[0].$1" --output text; }
output() { of_pipeline "Outputs[?OutputKey=='$1'].OutputValue"; }
parameter() { of_pipeline "Parameters[?ParameterKey=='$1'].ParameterValue"; }

# Waits until nothing happens to a stack; by our own clock, because the CLI's looks only every half a minute.
settled() {
  while [[ $(status "$1") == *_IN_PROGRESS ]]; do sleep 1; done
  status "$1"
}

must_be_complete() {
  case $(settled "$1") in
    CREATE_COMPLETE | UPDATE_COMPLETE) ;;
    *)
      echo "$1 could not be deployed:" >&2
      aws cloudformation describe-stack-events --stack-name "$1" --output text --query \
        "StackEvents[?ends_with(ResourceStatus, '_FAILED')] | [:5].[LogicalResourceId, ResourceStatusReason]" >&2
      exit 1 ;;
  esac
}

# A stack whose very creation failed can only be deleted.
remove_failed() {
  case $(status "$1") in
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED | REVIEW_IN_PROGRESS)
      say "Removing $1, whose creation or removal failed"
      aws cloudformation update-termination-protection --stack-name "$1" --no-enable-termination-protection >/dev/null
      aws cloudformation delete-stack --stack-name "$1"
      if [[ $(settled "$1") != *"does not exist"* ]]; then
        echo "$1 could not be removed; see its events in CloudFormation" >&2
        exit 1
      fi ;;
  esac
}

protect() { aws cloudformation update-termination-protection --stack-name "$1" --enable-termination-protection >/dev/null; }

deploy() { # a stack, its template, and parameters; those that are not given keep their values
  local stack=$1 template=$2 changes
  shift 2
  remove_failed "$stack"
  say "Deploying $stack"
  changes=$(aws cloudformation deploy --stack-name "$stack" --template-file "$template" --no-execute-changeset \
    --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset ${1:+--parameter-overrides "$@"} |
    sed -n 's/.*--change-set-name //p')
  if [[ $changes ]]; then
    aws cloudformation execute-change-set --change-set-name "$changes"
    while [[ $(status "$stack") == REVIEW_IN_PROGRESS ]]; do sleep 1; done
    must_be_complete "$stack"
  fi
  protect "$stack"
}

remove_failed "$application-pipeline"
repository=${repository:-$application}
if [[ $(status "$application-pipeline") == *"does not exist"* ]] &&
  aws codecommit get-repository --repository-name "$repository" >/dev/null 2>&1; then
  echo "There is a repository $repository already, perhaps kept by clean-up.sh: name another (RepositoryName=NAME), or" \
    "remove it with its history (aws codecommit delete-repository --repository-name $repository)." >&2
  exit 1
fi
deploy "$application-pipeline" backend.yaml "$@"

for environment in staging production; do
  deploy "$application-environment-$environment" environment.yaml \
    ApplicationName="$application" Environment="$environment" ArtifactBucket="$(output ArtifactBucket)" \
    Architecture="$(parameter Architecture)" LogRetentionDays="$(parameter LogRetentionDays)"

  # The pipeline only ever updates the application's stack: so it is protected before it holds anything, and a first
  # delivery that fails can be tried again. Until then it holds a resource that does nothing and costs nothing.
  stack=$application-$environment
  remove_failed "$stack"
  if [[ $(status "$stack") == *"does not exist"* ]]; then
    say "Creating $stack, still empty"
    aws cloudformation create-stack --stack-name "$stack" --enable-termination-protection --template-body \
      '{"Resources": {"Placeholder": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}' >/dev/null
    must_be_complete "$stack"
  fi
  protect "$stack"
  # Customers' orders and accounts are neither replaced nor removed by a delivery, whatever a template says.
  aws cloudformation set-stack-policy --stack-name "$stack" --stack-policy-body '{"Statement": [
    {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*",
     "Resource": ["LogicalResourceId/Table", "LogicalResourceId/UserPool"]}]}'
  say "$stack is protected"
done

say
say "The pipeline $(output PipelineName) is set up. Deliver by a push to $(output BranchName) of"
say "  $(output CloneUrlHttp)"

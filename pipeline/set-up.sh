#!/usr/bin/env bash
# Sets the delivery up in the account and region of your credentials, or brings it up to date. Safe to repeat.
set -euo pipefail
cd "$(dirname "$0")"

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  cat <<'HELP'
Usage: pipeline/set-up.sh [NAME=VALUE ...]

Sets up two pipelines, the back end's and the website's, what they may do in staging and in production, and the stacks that
they deploy to, still empty, which are protected against deletion. NAME is a parameter of pipeline/backend.yaml, or one for
the website; one that is not given keeps its value.

  pipeline/set-up.sh NotificationEmail=you@example.com    who is told of approvals to give, and of failures
  pipeline/set-up.sh Approval=false                       continuous deployment: every tested commit goes to production
  pipeline/set-up.sh Website=S3Website                    how the website is served; frontend/hosting.yaml says what each is for

Website is CloudFront, which is what a new set-up takes, S3Website, or none: then no website's pipeline is made, and one that
is there stays as it is. How an existing site is served changes with its next delivery. WebsiteReleases is how many releases are kept (5), WebsiteRepositoryName its repository's name.

Needs the AWS CLI (1 or 2) and credentials that may create roles. pipeline/clean-up.sh removes it all.
HELP
  exit
fi

application=bookstore repository='' website='' website_repository='' backend=() frontend=() releases=()
for parameter in "$@"; do
  case $parameter in
    ApplicationName=*) application=${parameter#*=} ;;
    RepositoryName=*) repository=${parameter#*=} backend+=("$parameter") ;;
    Website=*) website=${parameter#*=} ;;
    WebsiteReleases=*) releases=("$parameter") ;;
    WebsiteRepositoryName=*) website_repository=${parameter#*=} frontend+=("$parameter") ;;
    [A-Za-z]*=*) backend+=("$parameter") ;;
    *) echo "$parameter is no NAME=VALUE; see pipeline/set-up.sh --help" >&2; exit 2 ;;
  esac
done
case $website in
  '' | CloudFront | S3Website | none) ;;
  *) echo "Website is CloudFront, S3Website or none, and not $website; see pipeline/set-up.sh --help" >&2; exit 2 ;;
esac
backend+=(ApplicationName="$application") frontend+=(ApplicationName="$application")
site=$application-website

say() { printf '%s\n' "$*"; }
status() { aws cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' --output text 2>&1; }
is_absent() { [[ $(status "$1") == *"does not exist"* ]]; }
of() { aws cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].$2" --output text; }
output() { of "$1" "Outputs[?OutputKey=='$2'].OutputValue"; }

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

# A stack whose very creation failed can only be deleted. One whose removal failed is what somebody wanted to be rid of, and
# may hold data: that is not for a set-up to end.
remove_failed() {
  case $(status "$1") in
    ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | REVIEW_IN_PROGRESS)
      say "Removing $1, whose creation failed"
      aws cloudformation update-termination-protection --stack-name "$1" --no-enable-termination-protection >/dev/null
      aws cloudformation delete-stack --stack-name "$1"
      if [[ $(settled "$1") != *"does not exist"* ]]; then
        echo "$1 could not be removed; see its events in CloudFormation" >&2
        exit 1
      fi ;;
    DELETE_FAILED)
      echo "The removal of $1 failed half-way; its events in CloudFormation say why. Mend that and end the removal" \
        "(pipeline/clean-up.sh, or aws cloudformation delete-stack --stack-name $1), then set up again." >&2
      exit 1 ;;
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

# A repository that is kept from an earlier pipeline is no part of a new one.
must_be_free() { # a pipeline's stack, its repository, and the parameter that names that
  remove_failed "$1"
  if is_absent "$1" && aws codecommit get-repository --repository-name "$2" >/dev/null 2>&1; then
    echo "There is a repository $2 already, perhaps kept by clean-up.sh: name another ($3=NAME), or" \
      "remove it with its history (aws codecommit delete-repository --repository-name $2)." >&2
    exit 1
  fi
}

# A pipeline only ever updates the stack that it deploys to: so that is protected before it holds anything, and a first
# delivery that fails can be tried again. Until then it holds a resource that does nothing and costs nothing.
make_empty() {
  remove_failed "$1"
  if is_absent "$1"; then
    say "Creating $1, still empty"
    aws cloudformation create-stack --stack-name "$1" --enable-termination-protection --template-body \
      '{"Resources": {"Placeholder": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}' >/dev/null
    must_be_complete "$1"
  fi
  protect "$1"
}

if [[ ! $website ]]; then # as it is
  if ! is_absent "$site-pipeline"; then website=kept
  elif is_absent "$application-production"; then website=CloudFront # new, or cut off
  else website=none
  fi
fi

must_be_free "$application-pipeline" "${repository:-$application}" RepositoryName
if [[ $website != none ]]; then must_be_free "$site-pipeline" "${website_repository:-$site}" WebsiteRepositoryName; fi

deploy "$application-pipeline" backend.yaml "${backend[@]}"
common=$(of "$application-pipeline" "Parameters[].[join('=', [ParameterKey, ParameterValue])]")
same() { local IFS='|'; grep -E "^($*)=" <<<"$common"; } # these parameters as the back end's pipeline has them

for environment in staging production; do
  stack=$application-$environment
  deploy "$application-environment-$environment" environment.yaml \
    ApplicationName="$application" Environment="$environment" \
    ArtifactBucket="$(output "$application-pipeline" ArtifactBucket)" $(same Architecture LogRetentionDays)
  make_empty "$stack"
  # Customers' orders and accounts are neither replaced nor removed by a delivery, whatever a template says.
  aws cloudformation set-stack-policy --stack-name "$stack" --stack-policy-body '{"Statement": [
    {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*",
     "Resource": ["LogicalResourceId/Table", "LogicalResourceId/UserPool"]}]}'
  say "$stack is protected"
done

if [[ $website != none ]]; then
  if [[ $website != kept ]]; then frontend+=(Website="$website"); fi
  deploy "$site-pipeline" frontend.yaml "${frontend[@]}" \
    NotificationTopic="$(output "$application-pipeline" NotificationTopicArn)" \
    $(same BranchName Architecture BuildCache ArtifactRetentionDays LogRetentionDays Approval ApprovalTimeoutMinutes)
  for environment in staging production; do
    deploy "$site-environment-$environment" frontend-environment.yaml \
      ApplicationName="$application" Environment="$environment" ArtifactBucket="$(output "$site-pipeline" ArtifactBucket)" \
      $(same Architecture BuildCache LogRetentionDays) ${releases[@]+"${releases[@]}"}
    make_empty "$site-$environment"
  done
fi

say
say "The pipeline $(output "$application-pipeline" PipelineName) is set up." \
  "Deliver by a push to $(output "$application-pipeline" BranchName) of"
say "  $(output "$application-pipeline" CloneUrlHttp)"
if [[ $website != none ]]; then
  say "The pipeline $(output "$site-pipeline" PipelineName) is set up. Deliver by pipeline/push-website.sh to"
  say "  $(output "$site-pipeline" CloneUrlHttp)"
else
  say "There is no website's pipeline; Website=CloudFront or Website=S3Website makes one."
fi

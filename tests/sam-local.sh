#!/usr/bin/env bash
# `sam build`, `sam local invoke` and `sam local start-api` against the running local cloud, in Docker.
#
#   apt-get install docker.io iproute2 mmdebstrap socat   # Debian or Ubuntu, as root
#   cargo local up
#   tests/sam-local.sh                           # proves that each function answers its event, and the API a request
#   tests/sam-local.sh bash                      # or another command: runs it where `sam local` works, which then takes
#                                                # its options by `--config-file .aws-sam/local.toml`
#
# SAM starts a function in a container. Three things are missing there, and this script brings them: an image (a plain
# one of this machine's release, whose C library suits what is compiled here), the endpoint (SAM passes only variables
# that the template names, so the image has it), and a way to the local cloud, which listens on loopback only and answers
# only to names of this machine. (MiniStack takes three letters or more before .localhost for a bucket's name.)
set -euo pipefail
cd "$(dirname "$0")/.."

export AWS_ENDPOINT_URL=${AWS_ENDPOINT_URL:-http://localhost:4566} AWS_DEFAULT_REGION=${AWS_REGION:-us-east-1}
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export PATH="$PWD/.local/tools/bin:$PATH" SAM_CLI_TELEMETRY=0
stack=${STACK:-bookstore-staging}
image=bookstore-sam-local
inside=http://my.localhost:4566 # what the local cloud is called in a container
options=.aws-sam/local.toml

scratch=$(mktemp -d)
started=() # newest first
in_background() { "$@" >"$scratch/$(basename "$1").log" 2>&1 & started=("$!" "${started[@]}"); }
clean_up() {
    # They may have ended by themselves, and one that was killed does not end with 0: neither changes what was proved.
    for process in "${started[@]}"; do kill "$process" && wait "$process"; done || true
    rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT

wait_for() { # WHAT COMMAND…
    for _ in {1..120}; do "${@:2}" >/dev/null 2>&1 && return; sleep 0.5; done
    tail -n 20 "$scratch"/*.log >&2
    echo "error: $1 did not start" >&2
    return 1
}

# --- What `sam local` needs -------------------------------------------------------------------------------------------

start_docker() { # unless it runs as a service
    docker info >/dev/null 2>&1 && return
    export DOCKER_HOST="unix://$scratch/docker.sock"
    in_background dockerd --host "$DOCKER_HOST" --data-root "$scratch/docker" --exec-root "$scratch/docker-run" \
        --pidfile "$scratch/docker.pid"
    wait_for Docker docker info
}

make_image() {
    docker image inspect "$image" >/dev/null 2>&1 && return
    mmdebstrap --quiet --variant=minbase --include=ca-certificates "$(. /etc/os-release && echo "$VERSION_CODENAME")" |
        docker import --change "ENV AWS_ENDPOINT_URL=$inside" - "$image"
}

open_a_way() {
    # Docker names it only from its second start on.
    gateway=$(ip -4 -oneline address show docker0 | sed -E 's/.* inet ([0-9.]+).*/\1/')
    in_background socat "TCP-LISTEN:4566,bind=$gateway,fork,reuseaddr" "TCP:${AWS_ENDPOINT_URL#http://}"
    wait_for 'the way to the local cloud' curl --silent "http://$gateway:4566"
}

write_options() {
    mkdir -p .aws-sam
    python tests/environments.py "$stack" >.aws-sam/environments.json
    cat >"$options" <<TOML
version = 0.1
[default.global.parameters]
parameter_overrides = "Architecture=$(uname -m | sed s/aarch64/arm64/)"
invoke_image = ["$image"]
skip_pull_image = true
add_host = ["my.localhost:$gateway"]
env_vars = "$PWD/.aws-sam/environments.json"
TOML
}

# --- The proof --------------------------------------------------------------------------------------------------------

invoke() { # FOLDER EVENT: list-books is ListBooks in the template
    local name
    name=$(sed -E 's/(^|-)(.)/\U\2/g' <<<"$1")
    sam local invoke "$name" --event "$2" --config-file "$options" >"$scratch/answer" 2>"$scratch/invoke.log" &&
        python - "$name" "$scratch/answer" <<'PYTHON' || { cat "$scratch/invoke.log" >&2; return 1; }
import json, sys
name, file = sys.argv[1:]
text = open(file).read() or sys.exit(f"error: {name} gave no answer")
answer = json.loads(text)
if answer and ("errorType" in answer or answer.get("statusCode", 200) >= 500):
    sys.exit(f"error: {name} failed: {answer}")
print("sam local invoke", name, str(answer)[:100])
PYTHON
}

ask_the_api() { # for the book that create-book has made of its event
    in_background sam local start-api --config-file "$options" --port 3000
    wait_for 'sam local start-api' curl --silent http://localhost:3000/
    api=$(python -c '
import boto3, sys
outputs = boto3.client("cloudformation").describe_stacks(StackName=sys.argv[1])["Stacks"][0]["Outputs"]
print(next(one["OutputValue"] for one in outputs if one["OutputKey"] == "ApiUrl"))' "$stack")
    curl --silent --show-error --fail "$api$1" >"$scratch/cloud"
    curl --silent --show-error --fail "http://localhost:3000$1" | diff "$scratch/cloud" -
    echo "sam local start-api answers GET $1 as the local cloud does"
}

start_docker
make_image
open_a_way
write_options
sam build --cached --config-file "$options"
if (($#)); then "$@"; exit; fi
for event in $(grep --files-with-matches routeKey functions/*/event.json); do # the API's; others name what is not there
    function=$(basename "$(dirname "$event")")
    invoke "$function" "$event"
    [ "$function" != create-book ] || book=$(grep -oE '/books/[0-9a-f-]{36}' "$scratch/answer")
done
ask_the_api "$book"
sed "s/01935000-0000-7000-8000-000000000000/${book#/books/}/" functions/delete-book/event.json >"$scratch/event.json"
invoke delete-book "$scratch/event.json"

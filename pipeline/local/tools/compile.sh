#!/bin/sh
# Pins anew what the *.in files ask for, with hashes, for every machine that the local cloud runs on. Needs uv.
# Each *.txt names all that it needs, so it is installed with `pip install --no-deps --require-hashes -r`.
set -eu
cd "$(dirname "$0")"
pin() { uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-header --no-emit-index-url "$@"; }
pin ministack.in --output-file ministack.txt
pin sam.in --output-file sam.txt
pin checkov.in --output-file checkov.txt
pin cargo.in --output-file cargo.txt --no-deps
pin ../../../tests/boto3.in --output-file ../../../tests/boto3.txt

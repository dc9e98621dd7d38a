#!/bin/sh
# linter.sh
#
# Builds the pinned golangci-lint into build/tools, once. With SETUP=no it only says that it is
# missing.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
module=github.com/golangci/golangci-lint/v2
version=v2.15.0
tools=$PWD/build/tools

# A linter that an older Go built can't read what a newer one compiles.
stamp=$(go version -m "$tools/golangci-lint" 2>/dev/null || true)
case $stamp in *": $(go env GOVERSION)"*"$module	$version	"*) exit 0 ;; esac

if [ "${SETUP-}" = no ]; then
	echo "setup: golangci-lint $version isn't in build/tools and SETUP=no forbids building it:" \
		"run scripts/linter.sh" >&2
	exit 1
fi
echo "setup: building golangci-lint $version into build/tools, once (a few minutes)"
GOBIN=$tools go install "$module/cmd/golangci-lint@$version"

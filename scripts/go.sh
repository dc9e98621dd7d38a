#!/bin/sh
# go.sh demo|test
#
# Checks that Go is new enough and fetches the modules that go.mod names, once: what is in Go's
# module cache isn't fetched again. With SETUP=no nothing is fetched.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

need=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' go.mod)
command -v go >/dev/null || fail "no go on the PATH: install Go $need or newer"

# Asked outside the module, Go names itself; inside it may name a newer one that it fetches.
own=$(cd / && go env GOVERSION)
version=$(go env GOVERSION 2>/dev/null || printf '%s' "$own")
minor=${version#go1.} minor=${minor%%[!0-9]*}
[ "${minor:-0}" -ge "${need#1.}" ] || fail "Go $need or newer is needed, and this is $own"

if [ "${SETUP-}" = no ]; then
	GOPROXY=off go mod download 2>/dev/null || fail "Go modules are missing and SETUP=no" \
		"forbids fetching them: run 'go mod download'"
else
	go mod download || fail "cannot fetch the Go modules: connect to the network, or set GOPROXY"
	# To judge go.mod takes the modules that test our modules too. What it says of it comes later.
	[ "${1-}" = demo ] || go mod tidy -diff >/dev/null 2>&1 || true
fi

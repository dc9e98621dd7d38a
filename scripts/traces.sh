#!/bin/sh
# traces.sh
#
# Makes testdata/traces anew, of our own parties and of a program of somebody else's: OpenSC, which
# looks for a driver for a new card. A file that agrees with the new recording but for what varies
# stays as it is. Needs bin/tapbench, swtpm, pcscd, opensc-tool and build/vpcd.
set -eu

TAPBENCH_REQUIRE=all go test -count=1 -run '^TestRecordings$' ./cmd/tapbench/internal/corpus -update

file=testdata/traces/opensc-name.trace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$PWD/bin:$PATH

# OpenSC doesn't know the card and says so by failing; what matters is the recording.
tapbench up --no-tpm --driver build/vpcd -- \
	tapbench trace record --driver build/vpcd -o "$work/timed" -- \
	opensc-tool -n >"$work/log" 2>&1 || :
[ -s "$work/timed" ] || { cat "$work/log" >&2; exit 1; }

version=$(opensc-tool -i | sed -n '1s/ \[.*//p')
sed -e "1a comment: $version: opensc-tool -n asks a new card for the name of its driver" \
	-e '/^took /d' -e '/^idle /d' "$work/timed" >"$work/trace"
if [ ! -f "$file" ] || ! tapbench trace diff "$file" "$work/trace" >"$work/diff"; then
	cp "$work/trace" "$file"
fi
git status --short testdata/traces

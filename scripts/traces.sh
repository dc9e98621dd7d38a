#!/bin/sh
# traces.sh TAPBENCH FOLDER
#
# Records what a program of somebody else's asks a new card: OpenSC, looking for a driver. A file
# in FOLDER that agrees with the new recording but for what varies stays as it is. Needs opensc-tool
# and the virtual reader's driver in build/vpcd.
set -eu

tapbench=$1
file=$2/opensc-name.trace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# OpenSC doesn't know the card and says so by failing; what matters is the recording.
"$tapbench" up --no-tpm --driver build/vpcd -- \
	"$tapbench" trace record --driver build/vpcd -o "$work/timed" -- opensc-tool -n >"$work/log" 2>&1 || :
[ -s "$work/timed" ] || { cat "$work/log" >&2; exit 1; }

version=$(opensc-tool -i | sed -n '1s/ \[.*//p')
sed -e "1a comment: $version: opensc-tool -n asks a new card for the name of its driver" \
	-e '/^took /d' -e '/^idle /d' "$work/timed" >"$work/trace"
if [ -f "$file" ] && "$tapbench" trace diff "$file" "$work/trace" >"$work/diff"; then
	exit 0
fi
cp "$work/trace" "$file"

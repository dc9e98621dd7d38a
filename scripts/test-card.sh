#!/bin/sh
# test-card.sh
#
# Runs every suite on the card that lies on a reader, and loses everything on it. From the
# environment:
#   READER     the reader, by number or by part of its name
#   WIPE       yes, or nothing is done
#   REINSTALL  the command that deletes and installs the applet; a bench's own in TAPBENCH_REINSTALL
#   PARTS      the suite's parts that are run, with commas; default: all
#   CARD       what kind of card this is, for the report, such as "NXP J3R180"
#   OUT        the folder for report and results; default: build/card
#   TAPBENCH   the program; default: bin/tapbench, built first
set -eu

refuse() {
	printf 'test-card: %s\n' "$@" >&2
	exit 2
}

REINSTALL=${REINSTALL:-${TAPBENCH_REINSTALL:-}}
[ "${WIPE:-}" = yes ] || refuse \
	'nothing was done: everything on the card would be lost, its keys, accounts and cards.' \
	'If that is what you want, say so: make test-card READER=NAME WIPE=yes'
[ -n "${READER:-}" ] || refuse \
	'which reader? make test-card READER=NAME WIPE=yes; "tapbench reader list" names them'
[ -n "$REINSTALL" ] || refuse \
	'say how the applet is installed anew, so that the card has no keys: REINSTALL=COMMAND,' \
	'with GlobalPlatformPro and your keys in GP_KEY: REINSTALL=scripts/card-install.sh'

if [ -z "${TAPBENCH:-}" ]; then
	CDPATH='' cd -- "$(dirname -- "$0")/.."
	make build
	TAPBENCH=$PWD/bin/tapbench
fi
out=${OUT:-build/card}
mkdir -p "$out"
export TAPBENCH_READER="$READER" TAPBENCH_REINSTALL="$REINSTALL"
failed=''

# run NAME COMMAND...: one suite; what fails doesn't keep the others from running.
run() {
	name=$1
	shift
	printf '\n== %s\n' "$name"
	if ! "$@"; then
		failed="$failed $name"
	fi
}

# pay NAME FLAGS...: a demo on a fresh card.
pay() {
	name=$1
	shift
	if sh -c "$REINSTALL"; then
		run "$name" "$TAPBENCH" demo --se "reader:$READER" "$@"
	else
		failed="$failed $name"
	fi
}

run check "$TAPBENCH" card check --wipe ${PARTS:+--only "$PARTS"} --force \
	--junit "$out/check.xml" --report "$out/report.json" ${CARD:+--card-kind "$CARD"}
run probe "$TAPBENCH" card probe --wipe
pay online
pay offline --offline
pay offline-mutual --offline=mutual
sh -c "$REINSTALL" # the keys of these payments are gone: leave a card that can be used

[ -z "$failed" ] || { printf '\ntest-card: failed:%s\n' "$failed" >&2; exit 1; }
printf '\ntest-card: all is well; %s can be submitted\n' "$out/report.json"

#!/bin/sh
# test-card.sh
#
# Runs every suite on the card on READER, if WIPE is yes; all on it is lost. REINSTALL is a command
# that installs the applet anew (a bench's own). CARD says for the report what kind of card
# it is, PARTS which parts of the suite are run (all), OUT where results go (build/card), TAPBENCH
# names the program (bin/tapbench, built first).
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
	"$@" || failed="$failed $name"
}

# pay FLAGS...: a demo on a fresh card.
pay() { sh -c "$REINSTALL" && "$TAPBENCH" demo --se "reader:$READER" "$@"; }

run check "$TAPBENCH" card check --wipe ${PARTS:+--only "$PARTS"} --force \
	--junit "$out/check.xml" --report "$out/report.json" ${CARD:+--card-kind "$CARD"}
run probe "$TAPBENCH" card probe --wipe
run online pay
run offline pay --offline
run offline-mutual pay --offline=mutual
sh -c "$REINSTALL" # the keys of these payments are gone: leave a card that can be used

[ -z "$failed" ] || { printf '\ntest-card: failed:%s\n' "$failed" >&2; exit 1; }
printf '\ntest-card: all is well; %s can be submitted\n' "$out/report.json"

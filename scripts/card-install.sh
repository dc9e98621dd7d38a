#!/bin/sh
# card-install.sh [CAP]
#
# Puts the applet on the card on the reader $TAPBENCH_READER (default: the only one), new and
# without keys: what was there of it is deleted. The CAP file is build/cap/tapbench.cap unless
# named. It runs GlobalPlatformPro as "gp" or as $GP says ("java -jar gp.jar"), which takes the keys
# of the card's issuer from its own variables (GP_KEY); this script never sees them.
set -eu

cap=${1:-build/cap/tapbench.cap}
case ${1-} in '' | /*) ;; *) cap=$PWD/$1 ;; esac
CDPATH='' cd -- "$(dirname -- "$0")/.."
[ -e "$cap" ] || { echo "card-install: no $cap: make cap JC_SDK=/path/to/sdk" >&2; exit 1; }
package=F054415042454E4348

gp() {
	# shellcheck disable=SC2086 # a command and its arguments
	command ${GP:-gp} ${TAPBENCH_READER:+-r "$TAPBENCH_READER"} "$@"
}

gp --delete "$package" -f >/dev/null 2>&1 || true # it may not be there
gp --load "$cap"
# The management application first: it makes what the others share. The PPSE has the name that all
# terminals know, and its class one of ours.
for applet in 01:${package}01 02:${package}02 03:${package}03 04:325041592E5359532E4444463031; do
	gp --package "$package" --applet "$package${applet%%:*}" --create "${applet#*:}"
done

#!/bin/sh
# java.sh [applet]
#
# Fetches what the Java tests need into build/m2, once for each state of the pom.xml files, so that
# they run without a network from then on; with "applet" only what applet.sh compiles with. With
# SETUP=no it only says that it is missing.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
pom=applet/javacard/pom.xml
log=build/m2/fetch.log
[ -e "$pom" ] || exit 0
wanted=${1-}
set -- "$pom"
for module in applet/javacard/*/pom.xml; do
	[ ! -e "$module" ] || set -- "$@" "$module"
done
sum=$(cat "$@" | cksum)
stamp=build/m2/fetched-${sum% *} # a file for each state: a copied folder's is never overwritten
[ ! -e "$stamp" ] || exit 0
what="the Java tests' libraries" phase=test
if [ "$wanted" = applet ]; then
	what='jCardSim and ASM' phase=compile
	stamp=build/m2/compiled-${sum% *}
	[ ! -e "$stamp" ] || exit 0
fi

if [ "${SETUP-}" = no ]; then
	echo "setup: $what aren't in build/m2 and SETUP=no forbids fetching them: run scripts/java.sh" >&2
	exit 1
fi
echo "setup: fetching $what into build/m2, once"
mkdir -p build/m2
# Only a run of the tests fetches all that a run needs. How they end is judged later.
if ! scripts/mvn.sh -Dmaven.test.failure.ignore=true "$phase" >"$log" 2>&1; then
	cat "$log" >&2
	echo "setup: cannot fetch $what, or build with them: see above and $log" >&2
	exit 1
fi
: >"$stamp"

#!/bin/sh
# clients.sh
#
# Puts what other people's Java program for EMV cards needs into build/clients, once for each state
# of the folder clients: lib/ with the libraries, classes/ with ReadCard. With SETUP=no it only says
# that it is missing.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
to=build/clients
from=scripts/clients
sum=$(cat "$from"/*.xml "$from"/*.java | cksum)
stamp=$to/made-${sum% *}
[ ! -e "$stamp" ] || exit 0

if [ "${SETUP-}" = no ]; then
	echo "setup: $to isn't there and SETUP=no forbids making it: run scripts/clients.sh" >&2
	exit 1
fi
echo "setup: putting the Java client for EMV cards into $to, once"
rm -rf "$to"
parent=build/m2/com/github/devnied/emvnfccard/parent/3.0.1
mkdir -p "$to/classes" "$parent"
cp "$from/parent.xml" "$parent/parent-3.0.1.pom"
JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS-} -XX:-UsePerfData"
export JAVA_TOOL_OPTIONS
mvn -B -q -Dstyle.color=never -Dmaven.repo.local="$PWD/build/m2" -f "$from/pom.xml" \
	org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
	-DoutputDirectory="$PWD/$to/lib" >"$to/fetch.log" 2>&1 || {
	cat "$to/fetch.log" >&2
	echo "setup: cannot fetch the Java client's libraries: see above" >&2
	exit 1
}
javac -nowarn -cp "$to/lib/*" -d "$to/classes" "$from/ReadCard.java" 2>/dev/null
: >"$stamp"

#!/bin/sh
# applet-report.sh [REPORT.json]
#
# Prints what a card would refuse of each applet package and what it takes of a card; as JSON too,
# the first one's into the file (build/applet-report.json), the contactless card's beside it
# (…-emv.json). It needs a JDK and what java.sh has fetched, and no network.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
json=${1-}
checker=applet/javacard/checker
asm=build/m2/org/ow2/asm
path=$asm/asm/9.7.1/asm-9.7.1.jar
path=$path:$asm/asm-tree/9.7.1/asm-tree-9.7.1.jar
path=$path:$asm/asm-analysis/9.7.1/asm-analysis-9.7.1.jar

applet=$(scripts/applet.sh | tail -n 1)/applet
out=$(mktemp -d build/checker.XXXXXX)
trap 'rm -rf "$out"' EXIT
javac -J-XX:TieredStopAtLevel=1 -J-XX:-UsePerfData -proc:none -cp "$path" -d "$out" \
	"$checker"/src/main/java/checker/*.java
json=${json:-build/applet-report.json}
report() { # report SETTINGS JSON
	java -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
		-cp "$out:$checker/src/main/resources:$path" checker.Checker "$applet" \
		"applet/javacard/$1.properties" "$2"
}
found=0
report checker "$json" || found=$?
echo
echo "contactless card:"
report emv "${json%.json}-emv.json" || found=$?
exit "$found"

#!/bin/sh
# mvn.sh ARGUMENTS
#
# Runs Maven on the Java Card applet and the agent that its tests use, with its local repository in
# build/m2 and not in the home folder. The user's own settings.xml still holds.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# A JVM, and those that it starts, would leave a folder of statistics in the temporary folder.
JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS-} -XX:-UsePerfData"
export JAVA_TOOL_OPTIONS
exec mvn -B -q -Dstyle.color=never -Dmaven.repo.local="$root/build/m2" \
	-f "$root/applet/javacard/reactor.xml" "$@"

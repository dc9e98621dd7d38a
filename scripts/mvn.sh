#!/bin/sh
# mvn.sh ARGUMENTS
#
# Runs Maven on the Java Card applet, with its local repository in build/m2 and not in the home
# folder. The user's own settings.xml still holds.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
# The JVM would leave a folder of statistics in the temporary folder.
MAVEN_OPTS="${MAVEN_OPTS-} -XX:-UsePerfData"
export MAVEN_OPTS
exec mvn -B -q -Dmaven.repo.local="$root/build/m2" -f "$root/applet/javacard/pom.xml" "$@"

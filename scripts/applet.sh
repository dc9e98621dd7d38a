#!/bin/sh
# applet.sh
#
# Compiles the applet and what puts it on a simulated card into build/applet, once for each state of
# the sources: applet/ and bridge/ with the classes, lib/ with jCardSim and ASM, agent.jar with the
# tearing agent's name. It needs a JDK and what java.sh has fetched, and no network. Several may run
# at once. Its last line is the folder's path.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
to=build/applet
java=applet/javacard
simulator=build/m2/com/klinec/jcardsim/3.0.6.0/jcardsim-3.0.6.0.jar
asm=build/m2/org/ow2/asm/asm/9.7.1/asm-9.7.1.jar
for needed in "$simulator" "$asm"; do
	[ -e "$needed" ] || { echo "applet: $needed isn't there, run scripts/java.sh" >&2; exit 1; }
done
command -v javac >/dev/null || {
	echo "applet: no javac, run scripts/packages.sh test" >&2
	exit 1
}

mkdir -p build
exec 9>build/applet.lock
flock 9
find "$java"/src/main "$java"/src/bridge "$java"/tearing/src/main scripts/applet.sh -type f |
	LC_ALL=C sort | xargs cat | cksum >build/applet.sum
if ! cmp -s build/applet.sum "$to/sum"; then
	new=$(mktemp -d build/applet.XXXXXX)
	trap 'rm -rf "$new"' EXIT
	mkdir "$new/lib"
	cp "$simulator" "$asm" "$new/lib/"
	compile() { # compile FOLDER CLASSPATH SOURCES…
		out=$new/$1 path=$2
		shift 2
		javac -J-XX:TieredStopAtLevel=1 -J-XX:-UsePerfData -nowarn -proc:none -cp "$path" \
			-d "$out" "$@"
	}
	# As the converter reads it: no newer class files, and with the names of local variables.
	compile applet "$simulator" --release 8 -g "$java"/src/main/java/tapbench/*.java \
		"$java"/src/main/java/tapbench/emv/*.java
	compile bridge "$new/applet:$simulator:$asm" "$java"/src/bridge/java/tapbench/*.java \
		"$java"/src/bridge/java/tapbench/emv/*.java \
		"$java"/tearing/src/main/java/tearing/*.java
	printf 'Premain-Class: tearing.Agent\n' >"$new/manifest"
	(cd "$new" && jar -J-XX:-UsePerfData -c -f agent.jar -m manifest)
	rm -r "$new/manifest"
	cp build/applet.sum "$new/sum"
	rm -rf "$to"
	chmod 755 "$new"
	mv "$new" "$to"
fi
echo "$PWD/$to"

#!/bin/sh
# cap.sh
#
# Makes and verifies build/cap/tapbench.cap and contactless.cap, for a card, with the Java Card SDK
# in the folder $JC_SDK: of 3.0.5, or the tools of 3.1 and later, which aim at 3.0.5. $JC_JAVA is
# another JDK's folder: the SDK of 3.0.5 reads class files of Java 6 at most, JDK 11's are the last.
set -eu

die() { echo "cap: $*" >&2 && exit 1; }
tool() { "${bin}java" "-Djc.home=$sdk" -cp "$sdk/lib/tools.jar" "com.sun.javacard.$@"; }

CDPATH='' cd -- "$(dirname -- "$0")/.."
source=applet/javacard/src/main/java/tapbench
out=build/cap
sdk=${JC_SDK-}
[ -n "$sdk" ] || die "name the folder of your Java Card SDK: make cap JC_SDK=/path/to/sdk" \
	"(docs/real-card.md says where it comes from)"
[ -e "$sdk/lib/tools.jar" ] || die "$sdk is no Java Card SDK of 3.0.5 or later: no lib/tools.jar"
bin=${JC_JAVA:+$JC_JAVA/bin/}
command -v "${bin}javac" >/dev/null ||
	die "no ${bin}javac: name a JDK with JC_JAVA, or put it in PATH"

release=7 target='-target 3.0.5' api=$sdk/lib/api_classic-3.0.5.jar
exports=$sdk/api_export_files_3.0.5
if [ ! -e "$api" ]; then
	release=6 target='' api=$sdk/lib/api_classic.jar exports=$sdk/api_export_files
fi
[ -e "$api" ] || die "$sdk has neither lib/api_classic-3.0.5.jar nor lib/api_classic.jar"
[ -d "$exports" ] || die "$sdk has no folder ${exports##*/}"

rm -rf "$out"
mkdir -p "$out/classes"
"${bin}javac" --release "$release" -g -Xlint:-options -proc:none -cp "$api" -d "$out/classes" \
	"$source"/*.java "$source"/emv/*.java
# The bytes of AID_PACKAGE, as 0xF0:0x54:… An applet's AID begins so; the PPSE's doesn't, which is
# why it is given when the applet is installed.
# shellcheck disable=SC2046 # a word for each byte
package=$(
	set -- $(sed -n '/ AID_PACKAGE = {/,/};/{s/.*{//;s/[^0-9A-Fx]/ /g;p;}' "$source/Wire.java")
	IFS=:
	echo "$*"
)
# shellcheck disable=SC2046,SC2086 # two words or none; files: no SDK has spaces below its folder
convert() { # convert CAP FOLDER -applet… JAVAPACKAGE AID
	cap=$out/$1 made=$out/$2/javacard/${2##*/}.cap
	shift 2
	tool converter.Main -nobanner $target -exportpath "$exports" -classdir "$out/classes" \
		-d "$out" -out CAP "$@" 1.0 || die "the converter refused the applet: see above"
	[ -e "$made" ] || die "the converter said nothing and wrote no $made"
	tool offcardverifier.Verifier -nobanner $target $(find "$exports" -name '*.exp') "$made" ||
		die "the verifier refused the CAP file: see above"
	cp "$made" "$cap" && echo "$cap"
}
convert tapbench.cap tapbench -applet "$package:0x01" tapbench.SecureElementApplet \
	-applet "$package:0x02" tapbench.PaymentApplet -applet "$package:0x03" \
	tapbench.OfflineApplet -applet "$package:0x04" tapbench.PpseApplet tapbench "$package"
emv=$package:0x45
convert contactless.cap tapbench/emv -applet "$emv:0x01" tapbench.emv.ContactlessApplet \
	-applet "$emv:0x02" tapbench.emv.DirectoryApplet tapbench.emv "$emv"

#!/bin/sh
# vpcd-driver.sh [FOLDER]
#
# Makes FOLDER/libifdvpcd.so, pcscd's driver for virtual readers, out of Debian's package
# vsmartcard-vpcd. FOLDER is build/vpcd in this repository unless named.
#
# The package is unpacked and not installed: installing it adds two virtual readers on open ports
# to the machine's own pcscd. Does nothing when the driver is there.
set -eu

package=vsmartcard-vpcd
installed=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
folder=${1:-$root/build/vpcd}
driver=$folder/libifdvpcd.so

say() { printf 'vpcd-driver: %s\n' "$*"; }
fail() { printf 'vpcd-driver: %s\n' "$*" >&2; exit 1; }

if [ -s "$driver" ]; then
	say "$driver is there"
	exit 0
fi

mkdir -p "$folder" || fail "cannot make the folder $folder"
work=$(mktemp -d "$folder/unpack.XXXXXX") || fail "cannot write to $folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

if [ -s "$installed" ]; then
	say "copying $installed, which is installed"
	cp -L "$installed" "$work/libifdvpcd.so"
else
	for tool in apt-get dpkg-deb; do
		command -v "$tool" >/dev/null ||
			fail "needs $tool: on another system than Debian build vsmartcard's vpcd and copy" \
				"its libifdvpcd.so to $driver"
	done
	say "downloading $package (it is unpacked, not installed)"
	# As root apt drops to its own user, who may not write here.
	(cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$package") ||
		fail "cannot download $package: connect to the network, run 'apt-get update' once as" \
			"root, and try again"
	dpkg-deb -x "$work/$package"_*.deb "$work/tree" || fail "cannot unpack $package"
	found=$(find "$work/tree" -type f -name 'libifdvpcd.so*')
	[ -n "$found" ] || fail "$package holds no libifdvpcd.so"
	cp "$found" "$work/libifdvpcd.so"
fi

chmod 644 "$work/libifdvpcd.so"
mv "$work/libifdvpcd.so" "$driver"
say "made $driver"

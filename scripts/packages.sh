#!/bin/sh
# packages.sh demo|test|java|models
#
# Installs the Debian packages of packages.txt that are missing, after saying which and why.
# Does nothing when all are there. With SETUP=no it names what is missing and fails instead.
set -eu

list=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/packages.txt
PATH=$PATH:/usr/sbin:/sbin # where Debian keeps services, which aren't on every user's PATH
target=$1

say() { printf '%s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# found PACKAGE PROBE: whether the package, or what it is needed for, is there.
found() {
	case $2 in
	/*) [ -e "$2" ] && return ;;
	pc:*) pkg-config --exists "${2#pc:}" 2>/dev/null && return ;;
	*) command -v "$2" >/dev/null && return ;;
	esac
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing='' reasons=''
while read -r purpose package probe why; do
	case $purpose:$target in "$target:"* | demo:test | java:test) ;; *) continue ;; esac
	if ! found "$package" "$probe"; then
		missing="$missing $package"
		reasons="$reasons$(printf '  %-20s  %s' "$package" "$why")
"
	fi
done <"$list"
[ -n "$missing" ] || exit 0

if [ "${SETUP-}" = no ]; then
	printf 'missing Debian packages:\n%s' "$reasons" >&2
	fail "SETUP=no forbids installing them: do it yourself, apt-get install$missing"
fi
command -v apt-get >/dev/null ||
	fail "no apt-get here; install what corresponds to these Debian packages:$missing"
if [ "$(id -u)" -eq 0 ]; then root=; elif command -v sudo >/dev/null; then root=sudo; else
	fail "neither root nor sudo here; ask an administrator to run: apt-get install$missing"
fi

say "About to install these Debian packages (SETUP=no forbids it):"
printf '%s' "$reasons"
case " $missing " in *' pcscd '*)
	say "Debian's pcscd comes with a service of its own, which is left as the package sets it" \
		"up: the bench neither uses nor changes it." ;;
esac
case " $missing " in *' postgresql '*)
	say "Debian's postgresql comes with a service of its own, likewise: tests start servers of their" \
		"own, on a Unix socket." ;;
esac

apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -qqo Dpkg::Use-Pty=0 "$@"; }
# shellcheck disable=SC2086 # a list of names
install() { apt install -y --no-install-recommends $missing; }
install || { say "setup: refreshing the package lists, then once more" && apt update && install; }

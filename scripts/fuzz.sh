#!/bin/sh
# fuzz.sh TIME [NAME]
#
# Runs every fuzz target, or those whose name contains NAME, for TIME each. Go allows one target a
# run.
set -eu

CDPATH='' cd -- "$(dirname -- "$0")/.."
time=$1 name=${2-}

matching() { grep -rE --include='*_test.go' "^func Fuzz[A-Za-z0-9_]*$name[A-Za-z0-9_]*\(" .; }
matching >/dev/null || { echo "fuzz: no target's name contains '$name'" >&2; exit 1; }
matching | sed -E 's|^\./(.*)/[^/]*:func (Fuzz[A-Za-z0-9_]*)\(.*|\1 \2|' | sort |
	while read -r folder target; do
		echo "fuzz: $target in $folder, for $time"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$folder"
	done

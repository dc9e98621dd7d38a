// Command tapbench is the bench: it starts, drives and measures every part of an anonymous
// tap-to-pay protocol. See "tapbench help".
package main

import (
	"context"
	"os"

	"tapbench/cmd/tapbench/internal/cli"
	"tapbench/pcsc/daemon"
)

// version is stamped in by the build.
var version string

func main() {
	if daemon.MaybeHelper() {
		return
	}
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System(version)))
}

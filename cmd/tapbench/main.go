// Command tapbench is the bench: it starts, drives and measures every part of an anonymous
// tap-to-pay protocol. See "tapbench help". Its packages, in internal:
//
//   - cli: the tree of commands, and what shows the whole system. A group of commands each:
//     cli/audit, cli/card, cli/dispute, cli/doctor, cli/pki, cli/reader, cli/server, cli/terminal,
//     cli/tpm, cli/trace, cli/up, cli/wallet. What all of them share: cli/shell; what several share:
//     cli/device, cli/testbed, cli/parties, cli/offer, cli/phone, cli/pos, cli/verdict,
//     cli/lookback.
//   - bench: the processes of a bench. doctor: what this machine lacks.
//   - audit: who has learned what; audit/dossier opens a kept bench for it, audit/search finds
//     secrets in its files, received records what parties were sent. linkage: a merchant who guesses
//     which taps are one user's.
//   - exhibits: a kept bench's claims and elements, for the examiner of its money.
//   - corpus: the recordings of testdata. convert, show, report: recordings as files, text, pages.
//   - cardcheck: the conformance suite on a card. cardreport: its result for others, and the matrix.
//   - measure: figures and their baselines. junit: results for CI. banner: large letters.
package main

import (
	"context"
	"os"

	"tapbench/cmd/tapbench/internal/cli"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/daemon"
)

// version is stamped in by the build.
var version string

func main() {
	if daemon.MaybeHelper() {
		return
	}
	os.Exit(cli.Main(context.Background(), os.Args[1:], shell.System(version)))
}

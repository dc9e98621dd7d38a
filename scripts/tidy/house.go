package main

import "strings"

// module is the module's path, which every import of our own begins with.
const module = "tapbench"

// room is one of the top folders that hold code.
type room struct {
	name string
	// knows lists what the room may import of other rooms: packages, with those below them. Its
	// tests may import everything of a room of which it knows something.
	knows []string
}

// rooms returns the house, from the ground floor up.
func rooms() []room {
	return []room{
		{name: "pcsc"},
		{name: "tpm"},
		{name: "applet", knows: []string{"pcsc"}},
		{name: "backend", knows: []string{
			"applet", "pcsc/apdu", "pcsc/tlv",
			"tpm/credential", "tpm/ek", "tpm/measure", "tpm/quote",
		}},
		{name: "wallet", knows: []string{
			"applet", "backend/api", "backend/client", "backend/money", "pcsc", "tpm",
		}},
		{name: "terminal", knows: []string{
			"applet", "backend/acquirer", "backend/api", "backend/denylist", "backend/dispute",
			"backend/money", "pcsc",
		}},
		{name: "cmd", knows: []string{
			"applet", "backend", "pcsc", "terminal", "testdata/golden", "testdata/vectors", "tpm", "wallet",
		}},
		{name: "scripts", knows: []string{"pcsc", "tpm", "backend", "applet"}},
		{name: "testdata"},
	}
}

// shipped returns the packages of testdata that the program has on board, to hold cards to.
func shipped() []string { return []string{"testdata/golden", "testdata/vectors"} }

// purePackages returns the packages that compute and nothing else: no device, no file, no network,
// no clock, no log. They import the standard library and each other. Randomness for fresh keys they
// may draw: the standard library's key generation takes it from the system anyway.
func purePackages() []string {
	return []string{
		"applet/budget",
		"applet/compare",
		"applet/decode",
		"applet/emv",
		"applet/emv/cryptogram",
		"applet/emv/issuer",
		"applet/emv/oda",
		"applet/emv/pinblock",
		"applet/emvcard/authority",
		"applet/emvcard/image",
		"applet/emvcard/personalise",
		"applet/emvcard/profile",
		"applet/emvcard/storedata",
		"applet/jsonfile",
		"applet/message",
		"applet/redact",
		"applet/saved",
		"applet/statefile/bound",
		"applet/tap",
		"applet/token",
		"applet/wire",
		"applet/wire/cardlife",
		"backend/api",
		"backend/denylist",
		"backend/dispute",
		"backend/dispute/doublespend",
		"backend/ledger",
		"backend/money",
		"backend/payout",
		"backend/settlement",
		"cmd/tapbench/internal/audit",
		"cmd/tapbench/internal/audit/search",
		"cmd/tapbench/internal/linkage",
		"pcsc",
		"pcsc/apdu",
		"pcsc/atr",
		"pcsc/link",
		"pcsc/tlv",
		"pcsc/trace",
		"pcsc/trace/capture",
		"pcsc/trace/capture/gsmtap",
		"pcsc/trace/capture/iso14443",
		"pcsc/trace/capture/pcapfile",
		"pcsc/trace/logs",
		"pcsc/trace/serve",
		"terminal/kernel",
		"terminal/kernel/clause",
		"terminal/kernel/entry",
		"terminal/kernel/explain",
		"terminal/kernel/general",
		"terminal/kernel/general/carddata",
		"terminal/kernel/general/outcome",
		"terminal/kernel/relay",
		"terminal/kernel/rules",
		"terminal/offline",
		"terminal/parameters",
		"terminal/replay",
		"tpm/credential",
		"tpm/cursor",
		"tpm/ek",
		"tpm/firmware",
		"tpm/measure",
		"tpm/quote",
		"tpm/tpm2tools",
		"wallet/plan",
	}
}

// impure returns the parts of the standard library that a pure package leaves alone, with those
// below them.
func impure() []string {
	return []string{
		"database/sql", "log", "math/rand", "net", "os", "plugin", "syscall",
	}
}

// clocks returns the functions of package time that read or wait for the clock.
func clocks() []string {
	return []string{
		"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until",
	}
}

// library is a module of somebody else that has a home.
type library struct {
	path string
	home string // the only package that may import it, with those below it
	why  string
}

// libraries returns the libraries that not everybody may import.
func libraries() []library {
	return []library{
		{"github.com/spf13/cobra", "cmd", "only cmd declares commands"},
		{"github.com/spf13/pflag", "cmd", "only cmd declares flags"},
		{"github.com/ebfe/scard", "pcsc/pcscd", "its panics are guarded in one place"},
		{"github.com/google/go-tpm", "tpm", "tpm speaks to TPMs for all rooms"},
		{"github.com/google/go-eventlog", "tpm/firmware", "its panics are guarded in one place"},
		{"modernc.org/sqlite", "backend/store", "the store hides its database"},
		{"github.com/jackc/pgx/v5", "backend/store", "the store hides its database"},
	}
}

// testLibraries returns what only tests and packages for tests import, with what lies below.
func testLibraries() []string {
	return []string{
		"github.com/go-asn1-ber/asn1-ber", "github.com/google/go-cmp",
		"github.com/google/go-tpm-tools",
		"github.com/rogpeppe/go-internal", "pgregory.net/rapid", "testing",
	}
}

// roomOf returns the first element of a package's folder.
func roomOf(dir string) string {
	name, _, _ := strings.Cut(dir, "/")
	return name
}

// roomNamed returns the room, or false for what isn't one.
func roomNamed(name string) (room, bool) {
	for _, r := range rooms() {
		if r.name == name {
			return r, true
		}
	}
	return room{}, false
}

// mayImport reports whether the room's code, or its tests, may import a package of the house.
func (r room) mayImport(dir string, inTest bool) bool {
	other := roomOf(dir)
	if other == r.name || other == "testdata" && inTest {
		return true
	}
	for _, known := range r.knows {
		if under(dir, known) || inTest && roomOf(known) == other {
			return true
		}
	}
	return false
}

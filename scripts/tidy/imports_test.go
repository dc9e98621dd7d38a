package main

import "testing"

func TestFloors(t *testing.T) {
	judge(t, "floors", map[string]judged{
		"refuses an import of a floor above": {
			[]string{"pcsc/trace/a.go", goFile("trace", "tapbench/applet/wire")},
			[]string{"pcsc/trace/a.go:4: pcsc doesn't know applet/wire"},
		},
		"refuses a neighbour on the same floor": {
			[]string{"tpm/a.go", goFile("tpm", "tapbench/pcsc/tlv")},
			[]string{"tpm/a.go:4: tpm doesn't know pcsc/tlv"},
		},
		"refuses a part of a room that is half known": {
			[]string{"terminal/a.go", goFile("terminal", "tapbench/backend/bank")},
			[]string{"terminal/a.go:4: terminal doesn't know backend/bank"},
		},
		"refuses a name that only begins like a known one": {
			[]string{"terminal/a.go", goFile("terminal", "tapbench/backend/apis")},
			[]string{"terminal/a.go:4: terminal doesn't know backend/apis"},
		},
		"refuses a floor above to a test as well": {
			[]string{"backend/bank/a_test.go", goFile("bank", "tapbench/terminal")},
			[]string{"backend/bank/a_test.go:4: backend doesn't know terminal"},
		},
		"refuses code outside the rooms": {
			[]string{"extra/a.go", goFile("extra", "tapbench/pcsc")},
			[]string{"extra/a.go:4: extra is no room of this house: see scripts/tidy/house.go"},
		},
		"refuses cmd to everybody": {
			[]string{"wallet/a.go", goFile("wallet", "tapbench/cmd/tapbench/internal/cli")},
			[]string{"wallet/a.go:4: wallet doesn't know cmd/tapbench/internal/cli"},
		},
		"accepts what a room knows": {
			[]string{"terminal/a.go", goFile("terminal", "tapbench/backend/api", "tapbench/pcsc/tlv")},
			nil,
		},
		"accepts a half known room in a test": {
			[]string{"wallet/a_test.go", goFile("wallet", "tapbench/backend/tsm")},
			nil,
		},
		"accepts test data in a test": {
			[]string{"pcsc/a_test.go", goFile("pcsc", "tapbench/testdata")},
			nil,
		},
	})
}

func TestPurity(t *testing.T) {
	judge(t, "purity", map[string]judged{
		"refuses files to a pure package": {
			[]string{"pcsc/tlv/a.go", goFile("tlv", "os")},
			[]string{"pcsc/tlv/a.go:4: pcsc/tlv is pure: it leaves os alone"},
		},
		"refuses what lies below the network": {
			[]string{"terminal/kernel/a.go", goFile("kernel", "net/http")},
			[]string{"terminal/kernel/a.go:4: terminal/kernel is pure: it leaves net/http alone"},
		},
		"refuses an impure package to a pure one": {
			[]string{"pcsc/a.go", goFile("pcsc", "tapbench/pcsc/pcscd")},
			[]string{"pcsc/a.go:4: pcsc is pure and pcsc/pcscd isn't"},
		},
		"refuses a logger to a pure package": {
			[]string{"applet/wire/a.go", goFile("wire", "github.com/rs/zerolog")},
			[]string{"applet/wire/a.go:4: applet/wire is pure: it imports nobody's library"},
		},
		"refuses the clock to a pure package": {
			[]string{"backend/ledger/a.go", "package ledger\n\nimport clock \"time\"\n\nvar now = clock.Now\n"},
			[]string{
				"backend/ledger/a.go:5: backend/ledger is pure: " +
					"it is told the time and doesn't ask with time.Now",
			},
		},
		"accepts durations in a pure package": {
			[]string{"backend/ledger/a.go", "package ledger\n\nimport \"time\"\n\nvar d time.Duration\n"},
			nil,
		},
		"accepts a TPM's library in a pure package of its home": {
			[]string{"tpm/quote/a.go", goFile("quote", "github.com/google/go-tpm/tpm2")},
			nil,
		},
		"accepts files in a pure package's test": {
			[]string{"pcsc/tlv/a_test.go", goFile("tlv", "os", "tapbench/pcsc/pcscd")},
			nil,
		},
		"accepts files in a package below a pure one": {
			[]string{"pcsc/pcscd/a.go", goFile("pcscd", "os")},
			nil,
		},
	})
}

func TestLibraries(t *testing.T) {
	judge(t, "libraries", map[string]judged{
		"refuses the PC/SC binding outside its home": {
			[]string{"pcsc/a_test.go", goFile("pcsc", "github.com/ebfe/scard")},
			[]string{
				"pcsc/a_test.go:4: github.com/ebfe/scard belongs to pcsc/pcscd: " +
					"its panics are guarded in one place",
			},
		},
		"refuses commands outside cmd": {
			[]string{"wallet/a.go", goFile("wallet", "github.com/spf13/cobra")},
			[]string{
				"wallet/a.go:4: github.com/spf13/cobra belongs to cmd: only cmd declares commands",
			},
		},
		"accepts a library at home": {
			[]string{"pcsc/pcscd/a.go", goFile("pcscd", "github.com/ebfe/scard")},
			nil,
		},
	})
}

func TestPackagesForTests(t *testing.T) {
	judge(t, "test packages", map[string]judged{
		"refuses testing in a program": {
			[]string{"wallet/a.go", goFile("wallet", "testing")},
			[]string{
				"wallet/a.go:4: testing is for tests and packages whose name ends in test",
			},
		},
		"refuses a package for tests in a program": {
			[]string{"applet/a.go", goFile("applet", "tapbench/pcsc/pcsctest")},
			[]string{
				"applet/a.go:4: tapbench/pcsc/pcsctest is for tests and packages " +
					"whose name ends in test",
			},
		},
		"refuses test data in a program": {
			[]string{"cmd/a.go", goFile("cmd", "tapbench/testdata")},
			[]string{
				"cmd/a.go:4: tapbench/testdata is for tests and packages whose name ends in test",
			},
		},
		"accepts in the program what ships with it": {
			[]string{"cmd/a.go", goFile("cmd", "tapbench/testdata/golden")},
			nil,
		},
		"accepts a package for tests in another": {
			[]string{"applet/applettest/a.go", goFile("applettest", "tapbench/pcsc/pcsctest", "testing")},
			nil,
		},
	})
}

func TestBaselines(t *testing.T) {
	judge(t, "baselines", map[string]judged{
		"refuses ours in a baseline": {
			[]string{"pcsc/apdu/parse_baseline_test.go", goFile("apdu_test", "tapbench/pcsc/apdu")},
			[]string{
				"pcsc/apdu/parse_baseline_test.go:4: a baseline imports nothing of ours, " +
					"and this is tapbench/pcsc/apdu",
			},
		},
		"refuses a baseline inside the package": {
			[]string{"pcsc/apdu/baseline_test.go", goFile("apdu")},
			[]string{
				"pcsc/apdu/baseline_test.go:2: a baseline stands outside: " +
					"name its package apdu_test",
			},
		},
		"refuses ours in a baseline that is tested": {
			[]string{
				"pcsc/pcscd/baseline.go", goFile("pcscd", "tapbench/pcsc"),
				"pcsc/pcscd/baseline_test.go", goFile("pcscd_test", "tapbench/pcsc/pcscd"),
			},
			[]string{
				"pcsc/pcscd/baseline.go:4: a baseline imports nothing of ours, " +
					"and this is tapbench/pcsc",
			},
		},
		"accepts a baseline on its own": {
			[]string{"pcsc/apdu/baseline_test.go", goFile("apdu_test", "bytes")},
			nil,
		},
	})
}

package dossier_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/audit/dossier"
	"tapbench/terminal/claims"
	"tapbench/terminal/settle"
)

// journalOf keeps claims as a terminal does, in DIR/till/claims.
func journalOf(t *testing.T, dir string, payloads ...[]byte) {
	t.Helper()
	disk, err := claims.OpenFolder(filepath.Join(dir, "till", "claims"))
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	j, err := claims.Open(disk, claims.Identity{Merchant: "MRCTEST1-SHOP", Terminal: "POS00001"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range payloads {
		key, _, err := settle.Key(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(key, p); err != nil {
			t.Fatal(err)
		}
	}
}

// TestVisitShowsClaims verifies that a terminal's claims are shown field by field, and that each
// field is in the merchant's list.
func TestVisitShowsClaims(t *testing.T) {
	dir := bench(t, parties(map[string]string{}))
	paid := message.Token{Fields: message.TokenFields{Version: 1, Unit: 5, Length: 250}}
	journalOf(t, dir,
		message.Encode(wire.MsgSpendClaim, message.SpendClaim{Token: paid, Spend: message.Spend{To: 20}}),
		message.Encode(wire.MsgMeterClaim, message.MeterClaim{
			Token: paid, Meter: message.Meter{Max: 60}, To: 7,
		}))
	b, err := dossier.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(pieces(t, b, "merchant"), "\n")
	for _, want := range []string{
		`document till/claims claims to 1 "20"`, `document till/claims claims to 2 "60"`,
		`document till/claims claims ticked 2 "7"`, `document till/claims claims unit 1 "5"`,
		`document till/claims claims state 2 "pending"`, "file till/claims/segment-00000001",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %s in\n%s", want, shown)
		}
	}
	r, err := audit.Run(t.Context(), b.Bench)
	if err != nil || !r.Clean() {
		t.Errorf("findings %v, %v", r.Findings, err)
	}
}

func TestVisitRefusesWhatAreNoClaims(t *testing.T) {
	dir := bench(t, parties(map[string]string{"till/claims/segment-00000001": "nothing of the kind"}))
	b, err := dossier.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = audit.Run(t.Context(), b.Bench)
	if err == nil || !strings.Contains(err.Error(), "claims") {
		t.Errorf("got %v, want one that names the claims", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "till", "claims", "segment-00000001")); err != nil {
		t.Error(err)
	}
}

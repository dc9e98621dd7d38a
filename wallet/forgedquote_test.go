package wallet_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/api"
	"tapbench/tpm/quote"
	"tapbench/wallet"
)

// askingOtherwise is the phone of a wallet that has its TPM answer another question than the
// bank's. Everything else about it is genuine.
type askingOtherwise struct {
	wallet.Attester
	edit func(*quote.Binding)
}

func (a askingOtherwise) Evidence(ctx context.Context, q quote.Binding) ([]byte, error) {
	a.edit(&q)
	return a.Attester.Evidence(ctx, q)
}

// TestForgedQuote lets the enrolled key quote, in both phases that need a quote, for another
// account, element, session, purpose, nonce and software.
func TestForgedQuote(t *testing.T) {
	f := newForger(t)
	for _, phase := range []struct {
		name  string
		moves bool // a deposit, before anybody asks for a quote
		run   func() error
	}{
		{"AID", true, func() error { return f.open(f.user, "alice") }},
		{"BINFO", false, func() error { return f.register(f.user) }},
	} {
		for _, row := range []struct {
			name string
			edit func(*quote.Binding)
		}{
			{"another account's key", func(q *quote.Binding) {
				account := f.other.aidKeys(t).X.Sign
				q.AID = account[:]
			}},
			{"no account's key", func(q *quote.Binding) { q.AID = nil }},
			{"another element's key", func(q *quote.Binding) {
				element := f.other.certificate(t, atSECertificate).Key
				q.SE = element[:]
			}},
			{"account and element swapped", func(q *quote.Binding) { q.AID, q.SE = q.SE, q.AID }},
			{"another session", func(q *quote.Binding) { q.SID[0] ^= 1 }},
			{"another purpose", func(q *quote.Binding) { q.Purpose = quote.PurposeLaunch }},
			{"an older nonce", func(q *quote.Binding) { q.Nonce = make([]byte, quote.NonceSize) }},
			{"other software", func(q *quote.Binding) { q.SoftwareID = "another wallet" }},
		} {
			t.Run(phase.name+" for "+row.name, func(t *testing.T) {
				before := books(f.Snapshot(t))
				f.Attester = askingOtherwise{f.Phone, row.edit}
				err := phase.run()
				if !errors.Is(err, &api.Problem{Code: api.CodeAttestation}) {
					t.Errorf("got %v, want %s", err, api.CodeAttestation)
				}
				if diff := cmp.Diff(before, books(f.Snapshot(t))); diff != "" && !phase.moves {
					t.Errorf("money moved (-before +after):\n%s", diff)
				}
			})
		}
		f.Attester = nil
		check(t, phase.run()) // the genuine quote is taken
	}
}

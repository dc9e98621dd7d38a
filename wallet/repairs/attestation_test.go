package repairs

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"tapbench/backend/api"
	"tapbench/tpm"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/wallet"
)

// TestRepair06: the phone sends a signed quote to the bank whenever the payment software starts
// (A 2.3.2), so the bank learns when its customer pays. Ours: what was started is shown when an AID
// is issued and inside BINFO, ahead of need; arming, tapping and refilling ask the bank nothing.
func TestRepair06(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		mtm, payments := newPair(t), 3
		var bank []signed // what the bank receives, with its time of arrival
		for range payments {
			bank = append(bank, mtm.sign(t, join("Measurement List", "PCRs", "Nonce").encode(t)))
		}
		if len(bank) != payments {
			t.Error("the bank doesn't see each start")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		p.ready(t, 2)
		before := p.heardByBank()
		for n := range byte(3) {
			p.tap(t, n)
			check(t, p.wallet.Disarm(t.Context()))
			_, err := p.wallet.Refill(t.Context(), p.tsm, 2)
			check(t, err)
		}
		if n := p.heardByBank() - before; n != 0 {
			t.Errorf("three taps and their refills: the bank hears %d messages", n)
		}
	})
}

// heardByBank counts what came from wallet or TSM to the bank, or went back.
func (p *phone) heardByBank() int {
	n := 0
	for _, s := range p.said {
		if s.line != toTSM {
			n++
		}
	}
	return n
}

// TestRepair07: the nonce of a quote is made by the phone (A 2.3.1 step 1, 2.3.2 step 1), so that
// an old quote, from before the phone was changed, is as good as a new one. Ours: who judges makes
// the nonce, and the quote names session, element and account.
func TestRepair07(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		mtm := newPair(t)
		reference := "PCR of the genuine program"
		// The bank's check: the MTM's signature, and the reference; the nonce is in the message.
		accepts := func(m signed) bool {
			f := decodeFields(t, m.body)
			return m.verify(mtm.public(t)) && string(f[0]) == reference
		}
		old := mtm.sign(t, join(reference, "Nonce of Monday").encode(t))
		changed := mtm.sign(t, join("PCR of malware", "Nonce of Friday").encode(t))
		if accepts(changed) {
			t.Fatal("the bank accepts anything")
		}
		if !accepts(old) {
			t.Error("on Friday the phone can't show Monday's quote")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		replayer := &replayer{Attester: p.Phone}
		p.Attester = replayer
		p.wallet = p.NewWallet(t)
		check(t, p.open(t)) // with genuine evidence, which the host keeps
		p.startMalware(t)
		err := p.register(t, 5000)
		if !errors.Is(err, &api.Problem{Code: api.CodeAttestation}) {
			t.Errorf("genuine evidence of malware: %v", err)
		}
		replayer.old = true
		err = p.register(t, 5000)
		if !errors.Is(err, &api.Problem{Code: api.CodeAttestation}) {
			t.Errorf("evidence of an earlier question: %v", err)
		}
		p.wantNothingMoved(t)
	})
}

// replayer is a host that keeps the first evidence, and gives it to every later question if old.
type replayer struct {
	wallet.Attester
	first []byte
	old   bool
}

func (r *replayer) Evidence(ctx context.Context, q quote.Binding) ([]byte, error) {
	if r.old {
		return r.first, nil
	}
	evidence, err := r.Attester.Evidence(ctx, q)
	if r.first == nil {
		r.first = evidence
	}
	return evidence, err
}

// startMalware has the phone measure and start a program that nobody has released.
func (p *phone) startMalware(t *testing.T) {
	t.Helper()
	name := filepath.Join(p.Dir, "malware")
	write(t, name, []byte("not the wallet"))
	entry, err := tpm.MeasureFile(name)
	check(t, err)
	check(t, p.TPM.ExtendMeasurement(t.Context(), entry))
	list, err := measure.ParseList(read(t, p.List))
	check(t, err)
	check(t, list.Append(entry))
	write(t, p.List, list.Encode())
}

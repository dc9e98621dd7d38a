package pki_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/pki"
)

// epochsOf opens a bench's epoch certificates as the wallet does.
func epochsOf(t *testing.T, b *pki.Bench, now time.Time) ([]message.EpochCertificate, error) {
	t.Helper()
	return openParty(t, b, "wallet", now).OpenEpochs(filepath.Join(b.Dir, "wallet"))
}

// renew opens the bench's CA at a time and renews.
func renew(t *testing.T, b *pki.Bench, now time.Time) (message.EpochCertificate, error) {
	t.Helper()
	ca, err := pki.OpenCA(filepath.Join(b.Dir, "ca"), at(now))
	must(t, err)
	return pki.RenewEpochs(b.Dir, ca)
}

func TestIssueEpochRefuses(t *testing.T) {
	b := bench(t)
	ca, err := pki.OpenCA(filepath.Join(b.Dir, "ca"), at(start))
	must(t, err)
	if _, err := ca.IssueEpoch(message.EpochAt(start) + 1); !errors.Is(err, pki.ErrEpoch) {
		t.Errorf("an epoch that hasn't begun: %v", err)
	}
}

// TestOpenEpochsRefuses has a row for each check.
func TestOpenEpochsRefuses(t *testing.T) {
	foreign := bench(t)
	week := message.EpochLength
	for _, row := range []struct {
		name   string
		now    time.Time
		damage func(t *testing.T, file string)
		want   error
	}{
		{"file missing", start, func(t *testing.T, file string) {
			must(t, os.Remove(file))
		}, pki.ErrDamaged},
		{"empty", start, func(t *testing.T, file string) {
			must(t, os.WriteFile(file, nil, 0o600))
		}, pki.ErrDamaged},
		{"something else", start, func(t *testing.T, file string) {
			swapFile(t, filepath.Join(foreign.Dir, "merchant", "sign.compact"), file)
		}, pki.ErrDamaged},
		{"another CA's", start, func(t *testing.T, file string) {
			swapFile(t, filepath.Join(foreign.Dir, "wallet", "epochs.pem"), file)
		}, pki.ErrDamaged},
		{"the same epoch twice", start, func(t *testing.T, file string) {
			raw, err := os.ReadFile(file)
			must(t, err)
			must(t, os.WriteFile(file, append(raw, raw...), 0o600))
		}, pki.ErrDamaged},
		{"the next epoch has begun", start.Add(week), func(*testing.T, string) {}, pki.ErrEpochEnded},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := bench(t)
			row.damage(t, filepath.Join(b.Dir, "wallet", "epochs.pem"))
			if _, err := epochsOf(t, b, row.now); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

// TestRenewEpochs: an element that was away learns of each epoch in between, and no renewal goes
// back or ahead.
func TestRenewEpochs(t *testing.T) {
	b := bench(t)
	first := message.EpochAt(start)
	later := start.Add(3 * message.EpochLength)
	for range 2 { // the second changes nothing
		cert, err := renew(t, b, later)
		if err != nil || cert.Epoch != first+3 {
			t.Fatalf("renewed to %d, %v", cert.Epoch, err)
		}
		certs, err := epochsOf(t, b, later)
		if err != nil || len(certs) != 4 || certs[0].Epoch != first || certs[3] != cert {
			t.Fatalf("%d certificates, %v", len(certs), err)
		}
	}
	if _, err := renew(t, b, start); !errors.Is(err, pki.ErrEpoch) {
		t.Errorf("with the clock set back: %v", err)
	}
	if _, err := epochsOf(t, b, start); !errors.Is(err, pki.ErrEpoch) {
		t.Errorf("opened with the clock set back: %v", err)
	}
}

// TestRenewEpochs_forgets: a file never grows past what is read.
func TestRenewEpochs_forgets(t *testing.T) {
	b, err := pki.Init(filepath.Join(t.TempDir(), "pki"), pki.Config{
		Banks: 1, Now: at(start), Lifetime: 10 * pki.Lifetime,
	})
	must(t, err)
	for _, weeks := range []int{pki.MaxEpochs - 1, pki.MaxEpochs, 3 * pki.MaxEpochs} {
		now := start.Add(time.Duration(weeks) * message.EpochLength)
		_, err = renew(t, b, now)
		must(t, err)
		certs, err := epochsOf(t, b, now)
		if err != nil || len(certs) != pki.MaxEpochs {
			t.Errorf("after %d weeks: %d certificates, %v", weeks, len(certs), err)
		}
	}
}

// TestMerchantCertificate: a terminal shows its certificate for the identifier in 9F16.
func TestMerchantCertificate(t *testing.T) {
	b := bench(t)
	p := openParty(t, b, "merchant", start)
	compact, err := p.OpenCompact(filepath.Join(b.Dir, "merchant"))
	must(t, err)
	ca, err := p.Authority()
	must(t, err)
	must(t, compact.Sign.Check(wire.CertMerchant, ca.Sign, message.EpochAt(start)))
	if got := string(compact.Sign.Subject[:]); got != p.ID.String()+"-SHOP   " {
		t.Errorf("certified %q", got)
	}
	if len(compact.Sign.Encode()) != wire.CertificateLen {
		t.Errorf("%d bytes", len(compact.Sign.Encode()))
	}
	if self, err := p.Self(); err != nil || self.Sign != compact.Sign.Key {
		t.Errorf("another key: %v", err)
	}
}

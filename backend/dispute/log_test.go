package dispute_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
)

func hash(key message.PublicKey) message.Hash { return sha256.Sum256(key[:]) }

// newLog returns a log of three openings.
func newLog(t *testing.T, w world) dispute.Log {
	t.Helper()
	l := dispute.Log{
		Certificate: w.ca.certify(t, wire.CertTSMSign, message.PartySubject(tsmID), w.tsm.public),
	}
	var previous message.Hash
	for i := range 3 {
		h := dispute.Head{
			Party: tsmID, Judge: judge, Number: uint64(i) + 1, Previous: previous,
			Subject: message.Hash{byte(i)},
		}
		l.Entries = append(l.Entries, dispute.Entry{Head: h, Signature: w.tsm.sign(t, h.Sum())})
		previous = h.Sum()
	}
	return l
}

func TestLogRefused(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		change func(l *dispute.Log)
		want   error
	}{
		"first entry gone": {func(l *dispute.Log) { l.Entries = l.Entries[1:] }, dispute.ErrLog},
		"middle entry gone": {func(l *dispute.Log) {
			l.Entries = slices.Delete(l.Entries, 1, 2)
		}, dispute.ErrLog},
		"entries swapped": {func(l *dispute.Log) {
			l.Entries[1], l.Entries[2] = l.Entries[2], l.Entries[1]
		}, dispute.ErrLog},
		"entry altered": {func(l *dispute.Log) { l.Entries[1].Subject[0]++ }, dispute.ErrOpening},
		"entry of another party": {func(l *dispute.Log) {
			l.Entries[1].Party = bankID
			l.Entries[1].Signature = w.tsm.sign(t, l.Entries[1].Sum())
		}, dispute.ErrOpening},
		"entry replaced by its party": {func(l *dispute.Log) {
			l.Entries[1].Subject[0]++
			l.Entries[1].Signature = w.tsm.sign(t, l.Entries[1].Sum())
		}, dispute.ErrLog},
		"certificate of a merchant's kind": {func(l *dispute.Log) {
			l.Certificate.Type = wire.CertTSMKEM
		}, dispute.ErrLog},
		"certificate of another CA": {func(l *dispute.Log) {
			l.Certificate = w.tsm.certify(t, wire.CertTSMSign, message.PartySubject(tsmID),
				w.tsm.public)
		}, dispute.ErrOpening},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, w)
			test.change(&l)
			if err := l.Verify(w.ca.public); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestLogHoldsItsOpenings(t *testing.T) {
	w := newWorld(t)
	l := newLog(t, w)
	check(t, l.Verify(w.ca.public))
	cut := dispute.Log{Certificate: l.Certificate, Entries: l.Entries[:2]}
	check(t, cut.Verify(w.ca.public))
	if !l.Holds(l.Entries[2]) || cut.Holds(l.Entries[2]) {
		t.Error("a log that was cut off holds the entry that is gone")
	}
}

func TestFileIsReadAsItWasWritten(t *testing.T) {
	w := newWorld(t)
	p := w.enrol(t, "alice")
	outcome, log := w.open(t, w.pay(t, p), p), newLog(t, w)
	card := w.issue(t, p)
	spent, metered := card.paid(t, 2, 7, 1), card.metered(t, 2, 9, 6, 2)
	twice := w.open(t, card.twice(spent, metered), p)
	for name, want := range map[string]dispute.File{
		"payment": {Subject: outcome.Subject}, "outcome": {Outcome: &outcome}, "log": {Log: &log},
		"spend": {Subject: spent}, "meter": {Subject: metered}, "double spending": {Outcome: &twice},
		"evidence of double spending": {Subject: twice.Subject},
	} {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			check(t, want.Write(&file))
			got, err := dispute.Read(bytes.NewReader(file.Bytes()))
			check(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			for cut := range file.Len() - 1 {
				_, err := dispute.Read(bytes.NewReader(file.Bytes()[:cut]))
				if !errors.Is(err, dispute.ErrFormat) {
					t.Fatalf("cut off at byte %d: got %v", cut, err)
				}
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           ``,
		"another version":   `{"tapbench_dispute": 2}`,
		"no kind":           `{"tapbench_dispute": 1}`,
		"an unknown field":  `{"tapbench_dispute": 1, "verdict": "guilty"}`,
		"an odd digit":      `{"tapbench_dispute": 1, "log": {"certificate": "0"}}`,
		"a short payment":   `{"tapbench_dispute": 1, "payment": {"card": "00"}}`,
		"bytes behind it":   `{"tapbench_dispute": 1} {}`,
		"something else":    `[1, 2, 3]`,
		"a log and a claim": `{"tapbench_dispute": 1, "log": {}, "payment": {}}`,
		"a short spend":     `{"tapbench_dispute": 1, "offline_payment": {"token": "80"}}`,
		"a short meter":     `{"tapbench_dispute": 1, "double_spending": {"a": "88"}}`,
		"two payments":      `{"tapbench_dispute": 1, "payment": {}, "offline_payment": {}}`,
		"an empty outcome":  `{"tapbench_dispute": 1, "outcome": {"tsm": {}, "bank": {}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := dispute.Read(bytes.NewReader([]byte(text))); !errors.Is(err, dispute.ErrFormat) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"tapbench_dispute": 1, "log": {"certificate": "00", "entries": []}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := dispute.Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		var out bytes.Buffer
		check(t, file.Write(&out))
		again, err := dispute.Read(&out)
		check(t, err)
		if diff := cmp.Diff(file, again); diff != "" {
			t.Error(diff)
		}
	})
}

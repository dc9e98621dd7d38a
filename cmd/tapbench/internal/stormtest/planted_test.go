package stormtest_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/stormtest"
)

// few is how many users there are. What each of them has under way at a kill may have been done and
// not yet told: that many acts may follow which were done before.
const few = 2

// forgetter breaks a victim's file between a kill and the next start, if it holds what mustn't be
// forgotten, and reports whether it did. The storm ends with that: nobody takes back, asks again or
// closes a day since, but for what a party does on its own when it starts again.
type forgetter func(path string, t stormtest.Tally) (done bool, err error)

// A storm over parties that forget what they have promised isn't passed: each row breaks one of
// them.
func TestForgettingIsNoticed(t *testing.T) {
	payments := func(t stormtest.Tally) int { return t.Payments - t.Offline }
	registrations := func(t stormtest.Tally) int { return t.Registrations }
	for name, test := range map[string]struct {
		victim stormtest.Victim
		forget forgetter
		want   string
	}{
		"a terminal that loses its last receipt": {
			stormtest.Terminal, loseReceipt, "no terminal has it",
		},
		"a terminal whose journal goes back to what it was": {
			stormtest.Terminal, goBack(), "out of balance",
		},
		"a terminal that loses its claims": {
			stormtest.Terminal, loseClaims, "has no claim",
		},
		"a bank whose disk goes back to what it was": {
			stormtest.Bank, forgetAll(registrations), "no bank moved it",
		},
		"a TSM whose disk goes back to what it was": {
			stormtest.TSM, forgetAll(payments), "acknowledged and isn't booked",
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := strings.Join(run(t, stormtest.Config{
				Phones: few,
				Until:  func(stormtest.Tally) bool { return false }, // Between ends it
				Between: func(v stormtest.Victim, path string, t stormtest.Tally) (bool, error) {
					if v != test.victim {
						return false, nil
					}
					return test.forget(path, t)
				},
			}).Faults, "\n")
			if !strings.Contains(all, test.want) {
				t.Errorf("want a fault with %q, got:\n%s", test.want, all)
			}
		})
	}
}

// forgetAll remembers a server's store as the first kill leaves it, and puts it back once so much
// was acknowledged since that some of it must be forgotten.
func forgetAll(acknowledged func(stormtest.Tally) int) forgetter {
	var before map[string][]byte // by path; nil: no such file
	var known int
	return func(path string, t stormtest.Tally) (done bool, err error) {
		if before == nil {
			before, known = map[string][]byte{path + "-shm": nil}, acknowledged(t)+few
			for _, name := range []string{path, path + "-wal"} {
				before[name], err = os.ReadFile(name)
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return false, err
				}
			}
			return false, nil
		}
		if acknowledged(t) <= known {
			return false, nil
		}
		for name, raw := range before {
			err := os.Remove(name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return false, err
			}
			if raw == nil {
				continue
			}
			if err := os.WriteFile(name, raw, 0o600); err != nil {
				return false, err
			}
		}
		return true, nil
	}
}

// journal is what of a terminal's journal the rows look at.
type journal struct {
	First   int       `json:"first"`
	Pending []any     `json:"pending"`
	Refund  *struct{} `json:"refund"`
	Closing *struct{} `json:"closing"`
	Totals  struct {
		Payments struct {
			Count int `json:"count"`
		} `json:"payments"`
	} `json:"totals"`
	raw []byte
}

// readJournal reads a terminal's journal. One that was killed before its first order has none.
func readJournal(folder string) (j journal, err error) {
	j.raw, err = os.ReadFile(filepath.Join(folder, "journal"))
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err == nil {
		err = json.Unmarshal(j.raw, &j)
	}
	return j, err
}

// open reports whether a start goes on with something: then the TSM has booked it already, or it
// hasn't, and a payment that is booked may be taken back.
func (j journal) open() bool { return len(j.Pending) > 0 || j.Refund != nil || j.Closing != nil }

// goBack remembers a terminal's journal, and puts it back once a payment was approved since, on the
// same day. Nothing may be open in either: of an old journal with a payment that was taken back at
// the next start, that start and the one after it would make the same.
func goBack() forgetter {
	old := map[string]journal{}
	return func(folder string, _ stormtest.Tally) (done bool, err error) {
		now, err := readJournal(folder)
		if err != nil || now.open() {
			return false, err
		}
		before, ok := old[folder]
		if !ok || now.First != before.First ||
			now.Totals.Payments.Count <= before.Totals.Payments.Count {
			old[folder] = now
			return false, nil
		}
		return true, os.WriteFile(filepath.Join(folder, "journal"), before.raw, 0o600)
	}
}

// receipt is what of a receipt the rows look at.
type receipt struct {
	Kind     string    `json:"kind"`
	Outcome  string    `json:"outcome"`
	Reversed bool      `json:"reversed"`
	Offline  *struct{} `json:"offline"`
	path     string
}

// standing returns a terminal's receipts of payments that stand, the oldest first.
func standing(folder string) (stand []receipt, err error) {
	paths, err := filepath.Glob(filepath.Join(folder, "receipts", "receipt-*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		r := receipt{path: path}
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, err
		}
		if r.Kind == "payment" && r.Outcome == "approved" && !r.Reversed {
			stand = append(stand, r)
		}
	}
	return stand, nil
}

// loseReceipt takes a terminal's last receipt of a payment that the TSM was asked for. One by token
// has its claim, which is enough; and one that the journal still has open may be taken back, as it
// is where a kill came between the two.
func loseReceipt(folder string, _ stormtest.Tally) (done bool, err error) {
	if j, err := readJournal(folder); err != nil || j.open() {
		return false, err
	}
	receipts, err := standing(folder)
	for _, r := range slices.Backward(receipts) {
		if r.Offline == nil {
			return true, os.Remove(r.path)
		}
	}
	return false, err
}

// loseClaims takes all claims from a terminal that has given a receipt for one.
func loseClaims(folder string, _ stormtest.Tally) (done bool, err error) {
	receipts, err := standing(folder)
	for _, r := range receipts {
		if r.Offline != nil {
			return true, os.RemoveAll(filepath.Join(folder, "claims"))
		}
	}
	return false, err
}

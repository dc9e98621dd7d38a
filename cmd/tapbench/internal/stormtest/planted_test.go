package stormtest_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"tapbench/cmd/tapbench/internal/stormtest"
)

// A storm over parties that forget what they have promised isn't passed: each row breaks one of
// them, between a kill and the next start.
func TestForgettingIsNoticed(t *testing.T) {
	for name, test := range map[string]struct {
		victim stormtest.Victim
		forget func(path string) (done bool, err error)
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
		"a bank whose disk loses its last commits": {
			stormtest.Bank, forgetCommits, "no bank moved it",
		},
		"a TSM whose disk loses its last commits": {
			stormtest.TSM, forgetCommits, "acknowledged and isn't booked",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var forgotten atomic.Bool
			c := stormtest.Config{Phones: 2, Until: forgotten.Load}
			c.Between = func(v stormtest.Victim, path string, t stormtest.Tally) error {
				nothing := t.Registrations < 3 || t.Payments-t.Offline < 3 // to forget
				if v != test.victim || forgotten.Load() || nothing {
					return nil
				}
				done, err := test.forget(path)
				forgotten.Store(done)
				return err
			}
			all := strings.Join(run(t, c).Faults, "\n")
			if !strings.Contains(all, test.want) {
				t.Errorf("want a fault with %q, got:\n%s", test.want, all)
			}
		})
	}
}

// forgetCommits takes what SQLite hasn't brought from its log to its file yet.
func forgetCommits(path string) (done bool, err error) {
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return info.Size() > 0, errors.Join(os.Remove(path+"-wal"), os.Remove(path+"-shm"))
}

// loseReceipt takes a terminal's last receipt, if it is of a payment that stands: it was approved,
// and the journal isn't about to take it back, as it does where a kill came between the two.
func loseReceipt(folder string) (done bool, err error) {
	var journal struct {
		Pending []struct{} `json:"pending"`
	}
	raw, err := os.ReadFile(filepath.Join(folder, "journal"))
	if err == nil {
		err = json.Unmarshal(raw, &journal)
	}
	if err != nil || len(journal.Pending) > 0 {
		return false, err
	}
	receipts, err := filepath.Glob(filepath.Join(folder, "receipts", "receipt-*.json"))
	if err != nil || len(receipts) == 0 {
		return false, err
	}
	last := receipts[len(receipts)-1]
	if raw, err = os.ReadFile(last); err != nil {
		return false, err
	}
	text := string(raw)
	if !strings.Contains(text, `"kind":"payment"`) || strings.Contains(text, `"reversed"`) ||
		strings.Contains(text, `"offline"`) { // its claim is enough
		return false, nil
	}
	return true, os.Remove(last)
}

// loseClaims takes all claims from a terminal that has some.
func loseClaims(folder string) (done bool, err error) {
	const empty = 4096 // more than a journal without claims has
	segments, err := filepath.Glob(filepath.Join(folder, "claims", "*"))
	if err != nil {
		return false, err
	}
	for _, path := range segments {
		info, err := os.Stat(path)
		if err != nil {
			return false, err
		}
		if info.Size() > empty {
			return true, os.RemoveAll(filepath.Dir(path))
		}
	}
	return false, nil
}

// goBack remembers a terminal's journal, and puts it back once a payment was approved since, on the
// same day.
func goBack() func(folder string) (done bool, err error) {
	type journal struct {
		First  int `json:"first"`
		Totals struct {
			Payments struct {
				Count int `json:"count"`
			} `json:"payments"`
		} `json:"totals"`
		raw []byte
	}
	old := map[string]journal{}
	return func(folder string) (done bool, err error) {
		path := filepath.Join(folder, "journal")
		var now journal
		if now.raw, err = os.ReadFile(path); err != nil {
			return false, err
		}
		if err := json.Unmarshal(now.raw, &now); err != nil {
			return false, err
		}
		before, ok := old[folder]
		closing := strings.Contains(string(now.raw), `"closing"`) // the TSM may have begun a new day
		if !ok || closing || now.First != before.First ||
			now.Totals.Payments.Count <= before.Totals.Payments.Count {
			old[folder] = now
			return false, nil
		}
		return true, os.WriteFile(path, before.raw, 0o600)
	}
}

package journal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tapbench/applet/emv"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/terminal/journal"
	"tapbench/terminal/terminaltest"
)

func completion() acquirer.Completion {
	return acquirer.Completion{
		Terminal: emv.CDOL1Data{Date: [3]byte{0x26, 0x11, 0x21}}, ATC: 1, CID: emv.CIDTC,
		IAD: []byte{6, 1},
	}
}

// view is all that a journal shows.
type view struct {
	STAN    uint32
	Pending []journal.Entry
	Totals  acquirer.Totals
	Last    *journal.Payment
	Advices []journal.Advice
	Refund  *journal.Refund
	Closing *journal.Closing
}

func look(j *journal.Journal) view {
	return view{
		j.STAN(), j.Pending(), j.Totals(), j.Last(), j.Advices(), j.Refund(), j.Closing(),
	}
}

// Each step is taken once with power failing, and once without. After the failure the state is the
// one before or the one after it, whole; and what was written is read again as it was.
func TestEachStep(t *testing.T) {
	begin := func(j *journal.Journal) error { _, err := j.Begin(entry(t)); return err }
	steps := []struct {
		name string
		take func(j *journal.Journal) error
	}{
		{"begin", begin},
		{"approve", func(j *journal.Journal) error {
			return j.Approve(j.Pending()[0], "004711081542", completion())
		}},
		{"begin", begin},
		{"reversed", func(j *journal.Journal) error { return j.Reversed(j.Pending()[0], true) }},
		{"begin refund", func(j *journal.Journal) error {
			_, err := j.BeginRefund(func(stan uint32) journal.Refund {
				e := entry(t)(stan)
				paid := journal.Payment{Key: entry(t)(2).Key, Amount: e.Amount, RRN: "R1"}
				return journal.Refund{Key: e.Key, Payment: paid, Amount: money.Must("EUR:1.00")}
			})
			return err
		}},
		{"end refund", func(j *journal.Journal) error { return j.EndRefund(true) }},
		{"void", func(j *journal.Journal) error { _, err := j.Void(); return err }},
		{"void is confirmed", func(j *journal.Journal) error {
			return j.Reversed(j.Pending()[0], true)
		}},
		{"begin close", func(j *journal.Journal) error {
			_, err := j.BeginClose(func(stan uint32) journal.Closing {
				return journal.Closing{Key: entry(t)(stan).Key, Date: "1121", Currency: money.EUR}
			})
			return err
		}},
		{"end close", func(j *journal.Journal) error { return j.EndClose(true) }},
	}
	for _, kept := range []bool{false, true} {
		disk := new(terminaltest.Disk)
		for i, step := range steps {
			j := open(t, disk)
			before := look(j)
			disk.FailAt, disk.Kept = disk.Commits+1, kept
			if err := step.take(j); !errors.Is(err, terminaltest.ErrPower) {
				t.Fatalf("%d, %s: got error %v, want %v", i, step.name, err, terminaltest.ErrPower)
			}
			if diff := cmp.Diff(before, look(j), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%d, %s: failed, and the memory has changed:\n%s", i, step.name, diff)
			}
			disk.Restore()
			j = open(t, disk)
			if changed := !cmp.Equal(before, look(j), cmpopts.EquateEmpty()); changed != kept {
				t.Errorf("%d, %s: kept %v, changed %v", i, step.name, kept, changed)
			}
			if kept {
				continue
			}
			if err := step.take(j); err != nil {
				t.Fatalf("%d, %s: %v", i, step.name, err)
			}
			if diff := cmp.Diff(look(j), look(open(t, disk)), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%d, %s: read again it differs:\n%s", i, step.name, diff)
			}
		}
		if last := look(open(t, disk)); last.Totals != (acquirer.Totals{}) || last.Closing != nil {
			t.Errorf("after the close: %+v", last)
		}
	}
}

// What would begin while something else hasn't ended is refused, and nothing is written.
func TestOneAfterTheOther(t *testing.T) {
	begin := func(j *journal.Journal) error { _, err := j.Begin(entry(t)); return err }
	void := func(j *journal.Journal) error { _, err := j.Void(); return err }
	refund := func(j *journal.Journal) error {
		_, err := j.BeginRefund(func(stan uint32) journal.Refund {
			e := entry(t)(stan)
			return journal.Refund{
				Key: e.Key, Payment: journal.Payment{Key: e.Key, Amount: e.Amount},
				Amount: e.Amount,
			}
		})
		return err
	}
	closing := func(j *journal.Journal) error {
		_, err := j.BeginClose(func(stan uint32) journal.Closing {
			return journal.Closing{Key: entry(t)(stan).Key, Date: "1121", Currency: money.EUR}
		})
		return err
	}
	for name, test := range map[string]struct {
		first func(*journal.Journal) error
		then  []func(*journal.Journal) error
	}{
		"payment open": {begin, []func(*journal.Journal) error{void, refund, closing}},
		"refund open":  {refund, []func(*journal.Journal) error{begin, void, refund, closing}},
		"close open":   {closing, []func(*journal.Journal) error{begin, void, refund, closing}},
	} {
		disk := new(terminaltest.Disk)
		j := open(t, disk)
		if err := test.first(j); err != nil {
			t.Fatal(err)
		}
		commits := disk.Commits
		for i, then := range test.then {
			if err := then(j); !errors.Is(err, journal.ErrUnfinished) {
				t.Errorf("%s, %d: got error %v, want %v", name, i, err, journal.ErrUnfinished)
			}
		}
		if disk.Commits != commits {
			t.Errorf("%s: something was written", name)
		}
	}
	j := open(t, new(terminaltest.Disk))
	for name, end := range map[string]error{
		"clear": j.Clear(entry(t)(1)), "approve": j.Approve(entry(t)(1), "R1", completion()),
		"reversed": j.Reversed(entry(t)(1), true), "refund": j.EndRefund(true),
		"close": j.EndClose(true),
	} {
		if !errors.Is(end, journal.ErrUnknownEntry) {
			t.Errorf("%s: got error %v, want %v", name, end, journal.ErrUnknownEntry)
		}
	}
}

// A day has one currency.
func TestAnotherCurrency(t *testing.T) {
	j := open(t, new(terminaltest.Disk))
	e, err := j.Begin(entry(t))
	if err == nil {
		err = j.Approve(e, "004711081542", completion())
	}
	if err != nil {
		t.Fatal(err)
	}
	dollars := func(stan uint32) journal.Entry {
		e := entry(t)(stan)
		e.Amount = money.Must("USD:1.00")
		return e
	}
	if _, err := j.Begin(dollars); !errors.Is(err, journal.ErrCurrency) {
		t.Errorf("got error %v, want %v", err, journal.ErrCurrency)
	}
}

func TestOpenRefusesStates(t *testing.T) {
	const row = `{"stan":42,"sent":"1121123456","merchant":"MERTEST1SHOP01 ","terminal":"POS1    ",` +
		`"amount":"EUR:12.50"}`
	for name, member := range map[string]string{
		"totals below nothing":    `"totals":{"payments":{"count":-1,"minor":0}}`,
		"totals beyond 16 digits": `"totals":{"refunds":{"count":1,"minor":10000000000000000}}`,
		"unknown currency":        `"currency":"XXX"`,
		"first number":            `"first":1000000`,
		"advice of nothing":       `"advices":[` + row + `]`,
		"advice not hexadecimal":  `"advices":[` + row[:len(row)-1] + `,"completion":"x"}]`,
		"last without a merchant": `"last":` + strings.Replace(row, "MERTEST1SHOP01 ", "", 1),
		"refund of nothing":       `"refund":` + row,
		"close without a date":    `"closing":{"stan":0}`,
		"close without currency": `"closing":` + strings.Replace(row, `"amount":"EUR:12.50"`,
			`"date":"1121"`, 1),
	} {
		disk := new(terminaltest.Disk)
		text := fmt.Sprintf(`{"format":"tapbench-journal","version":2,"stan":42,"pending":[],%s}`, member)
		if err := disk.Commit([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Open(disk); !errors.Is(err, journal.ErrForeign) {
			t.Errorf("%s: got error %v, want %v", name, err, journal.ErrForeign)
		}
	}
}

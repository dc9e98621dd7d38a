package examiner_test

import (
	"errors"
	"strings"
	"testing"

	"tapbench/backend/store/examiner"
)

// What customers were told is held against the books.
func TestExamineAsksTheCustomers(t *testing.T) {
	payment := func(n int, amount string) []byte { return receipt("payment", n, amount, "") }
	for name, test := range map[string]struct {
		told   [][]byte
		voided bool
		want   string // empty: nothing is found
	}{
		"what never was":         {[][]byte{payment(9, "EUR:1.00")}, false, "isn't booked"},
		"another amount":         {[][]byte{payment(1, "EUR:12.51")}, false, "isn't booked"},
		"a payment taken back":   {[][]byte{payment(3, "EUR:7.00")}, false, "isn't booked"},
		"the same one twice":     {[][]byte{payment(2, "EUR:5.00"), payment(2, "EUR:5.00")}, false, "twice"},
		"a refund that is none":  {[][]byte{receipt("refund", 2, "EUR:5.00", "")}, false, "isn't booked"},
		"one that was voided":    {[][]byte{payment(3, "EUR:7.00")}, true, ""},
		"one that is voided yet": {[][]byte{payment(2, "EUR:5.00")}, true, ""},
		"all of it": {
			[][]byte{
				payment(1, "EUR:12.50"), payment(2, "EUR:5.00"), receipt("refund", 4, "EUR:2.00", ""),
			}, false, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := newWorld(t).files()
			for _, raw := range test.told {
				told, acknowledged, err := examiner.ParseTold(raw)
				check(t, err)
				if !acknowledged {
					t.Fatalf("not acknowledged: %s", raw)
				}
				told.Voided = test.voided
				files.Told = append(files.Told, told)
			}
			r, err := examiner.Examine(t.Context(), files)
			check(t, err)
			if test.want == "" {
				if !r.Sound() {
					t.Error(r.Findings)
				}
				return
			}
			if r.Sound() || !strings.Contains(r.Findings[0].What, test.want) {
				t.Errorf("want a finding with %q, got %v", test.want, r.Findings)
			}
		})
	}
}

func TestParseTold(t *testing.T) {
	for _, raw := range []string{"", "[]", `{"kind": "payment"}`, `{"kind": "gift", "outcome": "x"}`} {
		if _, _, err := examiner.ParseTold([]byte(raw)); !errors.Is(err, examiner.ErrForeign) {
			t.Errorf("%q: got %v", raw, err)
		}
	}
	for _, raw := range []string{
		`{"kind": "payment", "outcome": "declined"}`,
		`{"kind": "payment", "outcome": "approved", "reversed": true}`,
	} {
		if _, acknowledged, err := examiner.ParseTold([]byte(raw)); err != nil || acknowledged {
			t.Errorf("%s: acknowledged %t, %v", raw, acknowledged, err)
		}
	}
}

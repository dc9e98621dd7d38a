package rollback_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tapbench/applet/statefile/bound/boundtest"
	"tapbench/tpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

func openTPM(t *testing.T, where string) *tpm.TPM {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	device, err := tpm.OpenShared(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = device.Close() })
	return device
}

// TestRollback is the search of bound.TestRollback on a TPM: the power goes at every step, every
// copy is put back, and no index gets two answers. The weaker rule fails on the same TPM.
func TestRollback(t *testing.T) {
	device := openTPM(t, "unix:"+swtpmtest.Start(t).Socket())
	index, err := device.Index(3)
	if err != nil {
		t.Fatal(err)
	}
	// Each life has an index of its own, under one handle.
	anew := func() (boundtest.NV, error) {
		err := device.UndefineIndex(t.Context(), index.Handle)
		if errors.Is(err, tpm.ErrNoIndex) {
			err = nil
		}
		return index, err
	}
	for _, c := range []struct {
		name   string
		search boundtest.Search
		falls  bool
	}{
		{"new", boundtest.Search{
			Rule: boundtest.Extend, Copies: 2, StartCuts: 1, Strict: true,
		}, false},
		{"taken over", boundtest.Search{
			Rule: boundtest.Extend, Copies: 3, Strict: true, Adopt: true,
		}, false},
		{"version equals counter", boundtest.Search{Rule: boundtest.Counter, Copies: 4}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.search.NV = anew
			r := boundtest.Explore(c.search)
			if r.Err != nil || r.Wrong != nil || (r.Double != nil) != c.falls {
				t.Fatalf("%s: two answers %q, wrong %q, %v", r, r.Double, r.Wrong, r.Err)
			}
			t.Logf("%s %s", r, strings.Join(r.Double, "; "))
		})
	}
}

package claims_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"tapbench/terminal/claims"
	"tapbench/terminal/claims/claimstest"
)

func shop() claims.Identity {
	return claims.Identity{Merchant: "MERA2B3C-SHOP", Terminal: "POS00001"}
}

// payload is what claim n holds: 300 bytes that no other claim has.
func payload(n int) []byte {
	var seed [32]byte
	copy(seed[:], fmt.Sprint("claim ", n))
	out := make([]byte, 300)
	_, _ = rand.NewChaCha8(seed).Read(out)
	return out
}

func key(n int) claims.Key { return sha256.Sum256(payload(n)) }

func open(t testing.TB, disk claims.Disk) *claims.Journal {
	t.Helper()
	j, err := claims.Open(disk, shop())
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func fill(t testing.TB, j *claims.Journal, n int) {
	t.Helper()
	for i := range n {
		if _, err := j.Append(key(i), payload(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// whole returns how many of the first claims are there, and fails the test for one that isn't as it
// was appended.
func whole(t testing.TB, j *claims.Journal) map[claims.Key]claims.State {
	t.Helper()
	there := map[claims.Key]claims.State{}
	for r, err := range j.Claims() {
		if err != nil {
			t.Fatal(err)
		}
		if r.Payload != nil && sha256.Sum256(r.Payload) != r.Key {
			t.Fatalf("claim %d isn't what was appended", r.Number)
		}
		there[r.Key] = r.State
	}
	return there
}

func TestOpenRefuses(t *testing.T) {
	disk := claimstest.New()
	fill(t, open(t, disk), 3)
	before := slices.Clone(disk.File("segment-00000001"))
	other := shop()
	other.Terminal = "POS00002"
	for name, id := range map[string]claims.Identity{
		"another terminal": other,
		"another merchant": {Merchant: "MERXXXXX-SHOP", Terminal: "POS00001"},
		"no terminal":      {Merchant: "MERA2B3C-SHOP"},
		"a long name":      {Merchant: "MERA2B3C-SHOP-AND-MORE", Terminal: "POS00001"},
		"a control byte":   {Merchant: "MER\n", Terminal: "POS00001"},
	} {
		if _, err := claims.Open(disk, id); !errors.Is(err, claims.ErrForeign) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if !slices.Equal(before, disk.File("segment-00000001")) {
		t.Error("the refused journal was changed")
	}
	junk := claimstest.New()
	junk.Put("segment-00000001", make([]byte, 500))
	if _, err := claims.Open(junk, shop()); !errors.Is(err, claims.ErrForeign) {
		t.Errorf("zeros: got %v", err)
	}
}

func TestAppendRefuses(t *testing.T) {
	disk := claimstest.New()
	j := open(t, disk)
	long := make([]byte, claims.MaxPayload+1)
	if _, err := j.Append(key(0), long); !errors.Is(err, claims.ErrTooLong) {
		t.Errorf("long: got %v", err)
	}
	fill(t, j, 2)
	disk.Full = len(disk.File("segment-00000001")) + 40
	if _, err := j.Append(key(2), payload(2)); !errors.Is(err, claims.ErrFull) {
		t.Errorf("full: got %v", err)
	}
	disk.Full = 0
	if _, err := j.Append(key(3), payload(3)); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	read, err := claims.Read(disk)
	if err != nil || len(read.Findings()) != 0 || len(whole(t, read)) != 3 {
		t.Fatalf("got %v, %v", read.Findings(), err)
	}
	if _, err := read.Append(key(4), payload(4)); !errors.Is(err, claims.ErrReadOnly) {
		t.Errorf("read only: got %v", err)
	}
	disk.FailAt = disk.Ops() + 2 // the sync
	if _, err := j.Append(key(5), payload(5)); !errors.Is(err, claims.ErrUncertain) {
		t.Errorf("sync: got %v", err)
	}
	if _, err := j.Append(key(6), payload(6)); !errors.Is(err, claims.ErrUncertain) {
		t.Errorf("after a failed sync: got %v", err)
	}
}

func TestAppendKeepsTheFirst(t *testing.T) {
	j := open(t, claimstest.New())
	fill(t, j, 2)
	got, err := j.Append(key(1), []byte("the same claim with another signature"))
	if err != nil || got.Number != 2 || !slices.Equal(got.Payload, payload(1)) || j.Len() != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSettle(t *testing.T) {
	disk := claimstest.New()
	j := open(t, disk)
	fill(t, j, 5)
	for name, keys := range map[string][]claims.Key{
		"none": nil, "unknown": {key(99)}, "twice": {key(0), key(0)},
	} {
		if _, err := j.MarkSent(keys); err == nil {
			t.Errorf("%s: sent", name)
		}
	}
	batch, err := j.MarkSent([]claims.Key{key(0), key(1), key(2)})
	if err != nil || batch != 1 {
		t.Fatal(batch, err)
	}
	wrong := []claims.Answer{{Key: key(0), Paid: true}}
	if err := j.Settle(7, wrong); !errors.Is(err, claims.ErrState) {
		t.Errorf("another batch: got %v", err)
	}
	answers := []claims.Answer{{Key: key(0), Paid: true}, {Key: key(1), Reason: "expired"}}
	for range 2 { // an answer may come twice
		if err := j.Settle(batch, answers); err != nil {
			t.Fatal(err)
		}
	}
	answers[1].Paid = true
	if err := j.Settle(batch, answers); !errors.Is(err, claims.ErrState) {
		t.Errorf("another answer: got %v", err)
	}
	j = open(t, disk)
	if got := j.Unanswered(); !slices.Equal(got, []uint64{1}) {
		t.Errorf("unanswered %v", got)
	}
	if err := j.Release(1); err != nil {
		t.Fatal(err)
	}
	want := map[claims.Key]claims.State{
		key(0): claims.Paid, key(1): claims.Refused, key(2): claims.Pending, key(3): claims.Pending,
		key(4): claims.Pending,
	}
	if got := whole(t, open(t, disk)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v", got)
	}
	if r, err := j.Lookup(key(1)); err != nil || r.Reason != "expired" || r.Batch != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestAppendTogether(t *testing.T) {
	folder, err := claims.OpenFolder(filepath.Join(t.TempDir(), "claims"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	j := open(t, folder)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 30 {
				if _, err := j.Append(key(g*20+i), payload(g*20+i)); err != nil { // some twice
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if again := open(t, folder); len(whole(t, again)) != 170 || len(again.Findings()) != 0 {
		t.Errorf("got %d claims, %v", again.Len(), again.Findings())
	}
}

func TestOpenFolderRefusesASecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claims")
	folder, err := claims.OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claims.OpenFolder(path); !errors.Is(err, claims.ErrInUse) {
		t.Errorf("got %v", err)
	}
	if err := folder.Close(); err != nil {
		t.Error(err)
	}
	if _, err := claims.ViewFolder(path + "-not"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

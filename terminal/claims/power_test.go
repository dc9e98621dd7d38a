package claims_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tapbench/terminal/claims"
	"tapbench/terminal/claims/claimstest"
)

// work appends claims and settles some, until power fails. It returns what it was told is kept.
func work(disk claims.Disk) (acknowledged map[claims.Key]claims.State) {
	acknowledged = map[claims.Key]claims.State{}
	j, err := claims.Open(disk, shop())
	if err != nil {
		return acknowledged
	}
	for i := range 3 {
		if _, err := j.Append(key(i), payload(i)); err != nil {
			return acknowledged
		}
		acknowledged[key(i)] = claims.Pending
	}
	keys := []claims.Key{key(0), key(1)}
	batch, err := j.MarkSent(keys)
	if err != nil {
		return acknowledged
	}
	acknowledged[key(0)], acknowledged[key(1)] = claims.Sent, claims.Sent
	if j.Settle(batch, []claims.Answer{{Key: key(0), Paid: true}}) == nil {
		acknowledged[key(0)] = claims.Paid
	}
	return acknowledged
}

// TestPowerCut cuts power at every operation and after every byte of it, then once more while that
// is recovered, and finds every claim that was acknowledged.
func TestPowerCut(t *testing.T) {
	whole := claimstest.New()
	work(whole)
	cuts := 0
	for op := 1; op <= whole.Ops(); op++ {
		for kept := 0; kept <= 600; kept++ {
			disk := claimstest.New()
			disk.FailAt, disk.Kept = op, kept
			told := work(disk)
			after := disk.Clone()
			after.FailAt, after.Kept = 1+kept%3, kept%2
			_, _ = claims.Open(after, shop())
			check(t, after.Clone(), told, true)
			cuts++
		}
	}
	t.Logf("power was cut %d times", cuts)
}

// check opens what a crash has left.
func check(
	t *testing.T, disk *claimstest.Disk, told map[claims.Key]claims.State, provable bool,
) {
	t.Helper()
	j := open(t, disk)
	there := whole(t, j)
	for k, state := range told {
		// A state may be further on than what was told, never behind.
		if got, ok := there[k]; !ok || state != claims.Pending && got == claims.Pending ||
			state == claims.Paid && got != claims.Paid {
			t.Fatalf("claim %s is %q, was told that it is %s; %v", k, got, state, j.Findings())
		}
	}
	checkFindings(t, disk, j.Findings(), provable)
	if _, err := j.Append(key(50), payload(50)); err != nil {
		t.Fatal(err)
	}
	if again := open(t, disk); again.Len() != len(there)+1 {
		t.Fatalf("got %d claims, want %d; %v", again.Len(), len(there)+1, again.Findings())
	}
}

func checkFindings(
	t *testing.T, disk *claimstest.Disk, findings []claims.Finding, provable bool,
) {
	t.Helper()
	for _, f := range findings {
		if f.Aside == "" && f.Length > 0 || disk.File(f.Aside) == nil && f.Length > 0 {
			t.Fatalf("not set aside: %v", f)
		}
		if provable && !f.Torn {
			t.Fatalf("a power cut is taken for damage: %v", f)
		}
	}
}

// TestSectors loses any sectors of a write, as a disk may that writes them in any order.
func TestSectors(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		disk := claimstest.New()
		mask := random.Uint64()
		disk.FailAt = 2 + random.IntN(9)
		disk.Sectors = func(sector int64) bool { return mask>>(sector%64)&1 == 1 }
		told := work(disk)
		check(t, disk.Clone(), told, false)
	}
}

func TestBitFlips(t *testing.T) {
	full := claimstest.New()
	work(full)
	size := len(full.File("segment-00000001"))
	step := 1
	if testing.Short() {
		step = 7
	}
	for bit := 0; bit < size*8; bit += step {
		disk := full.Clone()
		disk.File("segment-00000001")[bit/8] ^= 1 << (bit % 8)
		findings, err := claims.Verify(disk)
		if err != nil {
			continue // the whole journal is refused
		}
		if len(findings) == 0 || slices.ContainsFunc(findings, func(f claims.Finding) bool {
			return f.Torn
		}) {
			t.Fatalf("bit %d: got %v", bit, findings)
		}
		j := open(t, disk)
		if n := len(whole(t, j)); n < 2 {
			t.Fatalf("bit %d: %d claims are left", bit, n)
		}
		fill(t, j, 4) // what was damaged is appended anew
		if n := len(whole(t, open(t, disk))); n != 4 {
			t.Fatalf("bit %d: %d claims, want 4", bit, n)
		}
		names, _ := disk.Names()
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "quar") }) {
			t.Fatalf("bit %d: nothing was set aside", bit)
		}
	}
}

func FuzzRead(f *testing.F) {
	full := claimstest.New()
	work(full)
	f.Add(full.File("segment-00000001"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		disk := claimstest.New()
		disk.Put("segment-00000001", slices.Clone(raw))
		j, err := claims.Open(disk, shop())
		if err != nil {
			if !slices.Equal(raw, disk.File("segment-00000001")) {
				t.Fatal("what was refused was changed")
			}
			return
		}
		told := map[claims.Key]claims.State{}
		for r, err := range j.Claims() {
			if err != nil {
				t.Fatal(err)
			}
			told[r.Key] = r.State
		}
		if _, err := j.Append(key(9), payload(9)); err != nil {
			t.Fatal(err)
		}
		again := open(t, disk)
		for r, err := range again.Claims() {
			if err != nil || r.Key != key(9) && told[r.Key] != r.State {
				t.Fatal(r, err)
			}
			delete(told, r.Key)
		}
		if len(told) != 0 {
			t.Fatalf("%d claims are lost", len(told))
		}
	})
}

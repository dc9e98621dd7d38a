package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/terminal/journal"
	"tapbench/terminal/terminaltest"
)

func entry(t testing.TB) func(stan uint32) journal.Entry {
	t.Helper()
	return func(stan uint32) journal.Entry {
		k, err := acquirer.NewKey("MERTEST1SHOP01 ", "POS1    ", stan, "1121123456")
		if err != nil {
			t.Fatal(err)
		}
		return journal.Entry{Key: k, Amount: money.Must("EUR:12.50")}
	}
}

func open(t testing.TB, disk journal.Disk) *journal.Journal {
	t.Helper()
	j, err := journal.Open(disk)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

const one = `{"format":"tapbench-journal","version":2,"stan":42,"first":1,"pending":[{"stan":42,` +
	`"sent":"1121123456","merchant":"MERTEST1SHOP01 ","terminal":"POS1    ","amount":"EUR:12.50"}]}`

func TestOpenRefuses(t *testing.T) {
	many := strings.Repeat(`{},`, journal.MaxPending) + `{}`
	for name, text := range map[string]string{
		"empty file":          "",
		"not JSON":            "SQLite format 3",
		"torn":                one[:80],
		"something behind":    one + "{}",
		"unknown field":       strings.Replace(one, `"stan":42,"first":1,"pending"`, `"pan":1,"pending"`, 1),
		"another format":      strings.Replace(one, "tapbench-journal", "tapbench-pki", 1),
		"another version":     strings.Replace(one, `"version":2`, `"version":1`, 1),
		"number out of range": strings.Replace(one, `"stan":42,"first"`, `"stan":1000000,"first"`, 1),
		"payment without one": strings.Replace(one, `{"stan":42,"sent"`, `{"stan":0,"sent"`, 1),
		"payment in month 13": strings.Replace(one, "1121123456", "1321123456", 1),
		"merchant too short":  strings.Replace(one, "SHOP01 ", "SHOP01", 1),
		"amount with a comma": strings.Replace(one, "EUR:12.50", "EUR:12,50", 1),
		"too many payments":   one[:strings.Index(one, "[")] + "[" + many + "]}",
	} {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := journal.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Open(file); !errors.Is(err, journal.ErrForeign) {
			t.Errorf("%s: got error %v, want %v", name, err, journal.ErrForeign)
		}
		if raw, err := os.ReadFile(path); err != nil || string(raw) != text {
			t.Errorf("%s: the file is %q now, %v", name, raw, err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	file, err := journal.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.OpenFile(path); !errors.Is(err, journal.ErrInUse) {
		t.Errorf("a second time: got error %v, want %v", err, journal.ErrInUse)
	}
	j := open(t, file)
	for range 41 {
		if _, err := j.NextSTAN(); err != nil {
			t.Fatal(err)
		}
	}
	e, err := j.Begin(entry(t))
	if err != nil || e.Key.STAN != 42 {
		t.Fatalf("Begin: got %v, %v", e, err)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != one+"\n" {
		t.Errorf("file: got %s, %v, want %s", raw, err, one)
	}
	file.Close()
}

func TestFileAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	// What a crash within a commit leaves beside the file counts for nothing.
	for name, text := range map[string]string{path: one, path + ".new": one[:50]} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, err := journal.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	j, e := open(t, file), entry(t)(42)
	if got := j.Pending(); !cmp.Equal(got, []journal.Entry{e}) {
		t.Errorf("Pending: got %v, want %v", got, e)
	}
	if err := j.Clear(e); err != nil {
		t.Error(err)
	}
	if err := j.Clear(e); !errors.Is(err, journal.ErrUnknownEntry) {
		t.Errorf("Clear twice: got error %v, want %v", err, journal.ErrUnknownEntry)
	}
	if stan, err := j.NextSTAN(); err != nil || stan != 43 || len(j.Pending()) != 0 {
		t.Errorf("got number %d, %v, pending %v", stan, err, j.Pending())
	}
}

func TestNoPlaceForAFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := journal.OpenFile(filepath.Join(dir, "missing", "journal")); err == nil {
		t.Error("no folder: got no error")
	}
	path := filepath.Join(dir, "folder")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := journal.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := journal.Open(file); !errors.Is(err, journal.ErrForeign) {
		t.Errorf("a folder: got error %v, want %v", err, journal.ErrForeign)
	}
}

func TestNumbersBeginAnew(t *testing.T) {
	text := fmt.Sprintf(`{"format":"tapbench-journal","version":2,"stan":%d,"pending":[]}`,
		acquirer.MaxSTAN)
	disk := new(terminaltest.Disk)
	if err := disk.Commit([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if stan, err := open(t, disk).NextSTAN(); err != nil || stan != 1 {
		t.Errorf("NextSTAN: got %d, %v, want 1", stan, err)
	}
}

// Power fails at each commit, and it reaches the disk or doesn't: no number is given twice, and a
// payment that was begun is there until it is cleared.
func TestPowerFails(t *testing.T) {
	for at := 1; at <= 4; at++ {
		for _, kept := range []bool{false, true} {
			disk := &terminaltest.Disk{FailAt: at, Kept: kept}
			j := open(t, disk)
			first, err1 := j.NextSTAN()
			a, err2 := j.Begin(entry(t))
			b, err3 := j.Begin(entry(t))
			err4 := j.Clear(a)
			for i, err := range []error{err1, err2, err3, err4} {
				if (i+1 >= at) != (err != nil) {
					t.Errorf("at %d: commit %d: got error %v", at, i+1, err)
				}
			}
			disk.Restore()
			again := open(t, disk)
			stan, err := again.NextSTAN()
			if err != nil || stan <= max(first, a.Key.STAN, b.Key.STAN) {
				t.Errorf("at %d, kept %v: got number %d, %v after %d", at, kept, stan, err,
					max(first, a.Key.STAN, b.Key.STAN))
			}
			begun := []int{0, 0, 1, 2}[at-1]
			done := begun
			if kept {
				done = []int{0, 1, 2, 1}[at-1]
			}
			if got := len(again.Pending()); got != done {
				t.Errorf("at %d, kept %v: %d pending, want %d", at, kept, got, done)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(one))
	f.Add([]byte(`{"format":"tapbench-journal","version":2,"stan":0,"pending":[]}`))
	f.Add([]byte(`{"format":"tapbench-journal","version":2,"stan":7,"pending":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		disk := new(terminaltest.Disk)
		if err := disk.Commit(raw); err != nil {
			t.Fatal(err)
		}
		j, err := journal.Open(disk)
		if err != nil {
			return
		}
		before := j.Pending()
		if _, err := j.NextSTAN(); err != nil {
			t.Fatal(err)
		}
		if again := open(t, disk); !cmp.Equal(again.Pending(), before) {
			t.Errorf("got %v after a commit, want %v", again.Pending(), before)
		}
	})
}

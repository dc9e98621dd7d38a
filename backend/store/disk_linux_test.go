package store_test

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"tapbench/backend/ledger"
	"tapbench/backend/store"
)

// diskFolder names, in the child process of TestDisk, the folder to mount a small disk on.
const diskFolder = "TAPBENCH_TEST_DISK_FOLDER"

// TestDisk works on a disk of its own, a small one in memory, mounted for a child process alone:
// until it is full, after it has grown, and when it may not be written to.
func TestDisk(t *testing.T) {
	if dir := os.Getenv(diskFolder); dir != "" {
		testDisk(t, dir)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDisk$", "-test.v")
	cmd.Env = append(os.Environ(), diskFolder+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || strings.Contains(string(out), noMount) {
		if os.Getenv("TAPBENCH_REQUIRE") == "all" {
			t.Fatalf("a disk can't be mounted: %v\n%s", err, out)
		}
		t.Skip("light path: this machine forbids mount namespaces")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// noMount is what the child process says when it may not mount.
const noMount = "mounting isn't allowed here"

func testDisk(t *testing.T, dir string) {
	mount := func(flags uintptr, options string) {
		t.Helper()
		err := unix.Mount("tmpfs", dir, "tmpfs", flags, options)
		if errors.Is(err, unix.EPERM) {
			t.Fatal(noMount)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(noMount, err)
	}
	cfg := config(t)
	cfg.Path = filepath.Join(dir, "bank.db")

	mount(0, "size=64k")
	if _, err := store.OpenSQLite(t.Context(), cfg); !errors.Is(err, store.ErrFull) {
		t.Errorf("creation on a full disk: got error %v, want %v", err, store.ErrFull)
	}
	mount(unix.MS_REMOUNT, "size=1m")
	s, err := store.OpenSQLite(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	done := fill(t, s)
	mount(unix.MS_REMOUNT, "size=2m")
	checkFilled(t, s, done)
	done += fillTogether(t, s, done)
	mount(unix.MS_REMOUNT, "size=8m")
	checkFilled(t, s, done)
	if err := s.Tx(t.Context(), insertEscrow(t, 1)); err != nil {
		t.Errorf("a step after the disk has grown: got error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	mount(unix.MS_REMOUNT|unix.MS_RDONLY, "")
	if _, err := store.OpenSQLite(t.Context(), cfg); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("on a read-only disk: got error %v, want %v", err, store.ErrReadOnly)
	}
	cfg.Path = filepath.Join(dir, "new.db")
	if _, err := store.OpenSQLite(t.Context(), cfg); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("creation on a read-only disk: got error %v, want %v", err, store.ErrReadOnly)
	}
}

// fill makes steps until the disk is full and returns how many were made.
func fill(t *testing.T, s store.Store) (done uint64) {
	t.Helper()
	if err := s.Tx(t.Context(), func(tx store.Tx) error { return fund(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	for {
		_, err := store.Once(t.Context(), s, stepKey(done), func(tx store.Tx) ([]byte, error) {
			return step(t.Context(), tx, done)
		})
		if errors.Is(err, store.ErrFull) {
			return done
		}
		if err != nil {
			t.Fatalf("step %d: got error %v, want none or %v", done, err, store.ErrFull)
		}
		done++
	}
}

// fillTogether lets several callers make steps, in commits that they share, until the disk is full
// for each of them. It returns how many were made.
func fillTogether(t *testing.T, s store.Store, first uint64) uint64 {
	t.Helper()
	var done atomic.Uint64
	var all sync.WaitGroup
	for caller := range uint64(8) {
		all.Go(func() {
			for n := first + caller*1_000_000; ; n++ {
				_, err := store.Once(t.Context(), s, stepKey(n), func(tx store.Tx) ([]byte, error) {
					_, err := tx.ExecContext(t.Context(),
						`INSERT INTO escrow (handle, minor) VALUES ($1, 1)`,
						binary.BigEndian.AppendUint64(nil, n))
					return make([]byte, 512), err
				})
				if errors.Is(err, store.ErrFull) {
					return
				}
				if err != nil {
					t.Errorf("step %d: got error %v, want none or %v", n, err, store.ErrFull)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return done.Load()
}

// checkFilled compares the store with what fill reported.
func checkFilled(t *testing.T, s store.Store, done uint64) {
	t.Helper()
	if got := uint64(rows(t, s)); got != done || done == 0 {
		t.Errorf("%d steps remain of %d", got, done)
	}
	if err := s.View(t.Context(), func(tx store.Tx) error {
		return ledger.Audit(t.Context(), tx)
	}); err != nil {
		t.Error(err)
	}
}

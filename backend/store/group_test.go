package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/store/postgrestest"
)

// openGrouped opens a store with one table and counts its commits.
func openGrouped(t *testing.T, path string) (s *core, commits *int) {
	t.Helper()
	opened, err := Open(t.Context(), Config{
		Path: path, Role: "bank", Party: "BKA4KD2Q",
		Migrations: []string{`CREATE TABLE number (n INTEGER PRIMARY KEY) STRICT`},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	switch opened := opened.(type) {
	case SQLite:
		s = opened.core
	case Postgres:
		s = opened.core
	}
	commits = new(int)
	commit := s.writer.commit
	s.writer.commit = func(ctx context.Context) error { *commits++; return commit(ctx) }
	return s, commits
}

// onBoth runs a test on each kind of store.
func onBoth(t *testing.T, run func(t *testing.T, path string)) {
	t.Run("SQLite", func(t *testing.T) { run(t, filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { run(t, postgrestest.Start(t).Place(t)) })
}

// member is one caller of a group.
type member struct {
	name string
	step func(ctx context.Context, cancel func(), tx Tx) error
	want error
}

func insertRow(ctx context.Context, tx Tx, n int) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO number (n) VALUES ($1)`, n)
	return err
}

// runGroup runs steps in one group: each begins to wait, in this order, while a first one is under
// way. It returns what each caller got; a panic counts as its value.
func runGroup(t *testing.T, s *core, members []member) []error {
	t.Helper()
	got := make([]error, len(members))
	var all sync.WaitGroup
	err := s.Tx(t.Context(), func(tx Tx) error {
		for i, m := range members {
			all.Go(func() {
				defer func() {
					if v := recover(); v != nil {
						got[i], _ = v.(error)
					}
				}()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				got[i] = s.Tx(ctx, func(tx Tx) error { return m.step(ctx, cancel, tx) })
			})
			waiting(s, i+1)
		}
		return insertRow(t.Context(), tx, 0)
	})
	all.Wait()
	if err != nil {
		t.Logf("first: %v", err)
	}
	return append([]error{err}, got...)
}

// waiting returns when so many callers wait for their turn.
func waiting(s *core, callers int) {
	for {
		s.writer.mu.Lock()
		n := len(s.writer.queue)
		s.writer.mu.Unlock()
		if n >= callers {
			return
		}
		runtime.Gosched()
	}
}

func rowsKept(t *testing.T, s *core) (kept []int) {
	t.Helper()
	if err := s.View(t.Context(), func(tx Tx) error {
		rows, err := tx.QueryContext(t.Context(), `SELECT n FROM number ORDER BY n`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var n int
			if err := rows.Scan(&n); err != nil {
				return err
			}
			kept = append(kept, n)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return kept
}

var errStop = errors.New("stop")

// mixed is a group in which every other step fails, each in a way of its own.
func mixed() []member {
	insert := func(n int) func(context.Context, func(), Tx) error {
		return func(ctx context.Context, _ func(), tx Tx) error { return insertRow(ctx, tx, n) }
	}
	return []member{
		{"a step that fails", func(ctx context.Context, _ func(), tx Tx) error {
			return errors.Join(insertRow(ctx, tx, 1), errStop)
		}, errStop},
		{"a step after one that fails", insert(2), nil},
		{"a step that panics", func(ctx context.Context, _ func(), tx Tx) error {
			panic(errors.Join(insertRow(ctx, tx, 3), errStop))
		}, errStop},
		{"a step after one that panics", insert(4), nil},
		{"a context that is cancelled within", func(ctx context.Context, cancel func(), tx Tx) error {
			defer cancel()
			return insertRow(ctx, tx, 5)
		}, context.Canceled},
		{
			"a context that is cancelled between statements",
			func(ctx context.Context, cancel func(), tx Tx) error {
				err := insertRow(ctx, tx, 6)
				cancel()
				return errors.Join(err, insertRow(ctx, tx, 7))
			}, context.Canceled,
		},
		{"a step that sees the step before it", func(ctx context.Context, _ func(), tx Tx) error {
			var sum int
			row := tx.QueryRowContext(ctx, `SELECT sum(n) FROM number`)
			if err := row.Scan(&sum); err != nil || sum != 6 {
				return errors.Join(err, errStop)
			}
			return insertRow(ctx, tx, 8)
		}, nil},
		{"a statement that fails, unheard", func(ctx context.Context, _ func(), tx Tx) error {
			_ = insertRow(ctx, tx, 9)
			_ = insertRow(ctx, tx, 0)
			_ = tx.QueryRowContext(ctx, `SELECT 1`).Scan(new(int))
			return nil
		}, errAny},
		{"a statement that isn't SQL", func(ctx context.Context, _ func(), tx Tx) error {
			_ = insertRow(ctx, tx, 10)
			return tx.QueryRowContext(ctx, `SELEKT`).Scan(new(int))
		}, errAny},
		{"the last step", insert(11), nil},
	}
}

// errAny stands for an error that no sentinel names.
var errAny = errors.New("any error")

func TestGroup(t *testing.T) { onBoth(t, testGroup) }

func testGroup(t *testing.T, path string) {
	s, commits := openGrouped(t, path)
	members := mixed()
	got := runGroup(t, s, members)
	for i, m := range append([]member{{name: "the first step"}}, members...) {
		if errors.Is(m.want, errAny) && got[i] != nil && !errors.Is(got[i], context.Canceled) {
			continue
		}
		if !errors.Is(got[i], m.want) {
			t.Errorf("%s: got error %v, want %v", m.name, got[i], m.want)
		}
	}
	if diff := cmp.Diff([]int{0, 2, 4, 8, 11}, rowsKept(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if *commits != 1 {
		t.Errorf("%d commits, want one", *commits)
	}
}

// TestGroupFailsTogether lets a commit fail: nobody is told of success, not even of a refusal.
func TestGroupFailsTogether(t *testing.T) {
	s, _ := openGrouped(t, filepath.Join(t.TempDir(), "bank.db"))
	disk := errors.New("disk I/O error")
	s.writer.commit = func(context.Context) error { return disk }
	members := slices.DeleteFunc(mixed(), func(m member) bool { return m.name == "a step that panics" })
	for i, err := range runGroup(t, s, members) {
		if !errors.Is(err, ErrUncertain) || !errors.Is(err, disk) {
			t.Errorf("caller %d: got error %v, want %v and its cause", i, err, ErrUncertain)
		}
	}
}

// TestGroupIsUndone ends the transaction under a step's feet, as SQLite does when a disk is full.
func TestGroupIsUndone(t *testing.T) {
	s, _ := openGrouped(t, filepath.Join(t.TempDir(), "bank.db"))
	insert := func(ctx context.Context, _ func(), tx Tx) error { return insertRow(ctx, tx, 1) }
	got := runGroup(t, s, []member{
		{step: func(ctx context.Context, _ func(), tx Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT OR ROLLBACK INTO number (n) VALUES (0)`)
			return err
		}},
		{step: insert},
	})
	for i, fails := range []bool{true, true, false} {
		if (got[i] != nil) != fails {
			t.Errorf("caller %d: got error %v", i, got[i])
		}
	}
	if diff := cmp.Diff([]int{1}, rowsKept(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestGroupOfMany has more callers than a group takes, some of whom don't wait.
func TestGroupOfMany(t *testing.T) {
	s, commits := openGrouped(t, filepath.Join(t.TempDir(), "bank.db"))
	const callers = 3 * maxGroup
	var members []member
	for i := range callers {
		members = append(members, member{step: func(ctx context.Context, _ func(), tx Tx) error {
			return insertRow(ctx, tx, i+1)
		}})
	}
	gone, cancel := context.WithCancel(t.Context())
	var impatient sync.WaitGroup
	first := s.Tx(t.Context(), func(Tx) error {
		for range 10 {
			impatient.Go(func() {
				if err := s.Tx(gone, func(Tx) error { return nil }); !errors.Is(err, context.Canceled) {
					t.Errorf("a caller who left: got error %v", err)
				}
			})
		}
		waiting(s, 10)
		cancel()
		impatient.Wait()
		return nil
	})
	for i, err := range append(runGroup(t, s, members), first) {
		if err != nil {
			t.Errorf("caller %d: got error %v", i, err)
		}
	}
	if kept := len(rowsKept(t, s)); kept != callers+1 || *commits != 5 {
		t.Errorf("%d rows in %d commits, want %d in 5", kept, *commits, callers+1)
	}
}

// TestImpatient races callers' patience against their turn: whoever got no error has a row.
func TestImpatient(t *testing.T) { onBoth(t, testImpatient) }

func testImpatient(t *testing.T, path string) {
	s, _ := openGrouped(t, path)
	var all sync.WaitGroup
	var mu sync.Mutex
	var want []int
	for n := range 400 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			err := s.Tx(ctx, func(tx Tx) error { return insertRow(ctx, tx, n) })
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				want = append(want, n)
			} else if !errors.Is(err, context.Canceled) {
				t.Errorf("got error %v", err)
			}
		})
	}
	all.Wait()
	slices.Sort(want)
	if diff := cmp.Diff(want, rowsKept(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestManyStatements has more texts than stay prepared.
func TestManyStatements(t *testing.T) {
	s, _ := openGrouped(t, filepath.Join(t.TempDir(), "bank.db"))
	if err := s.Tx(t.Context(), func(tx Tx) error {
		for i := range 2 * maxPrepared {
			query := fmt.Sprintf(`SELECT $1 + %d`, i)
			var got int
			if err := tx.QueryRowContext(t.Context(), query, 1).Scan(&got); err != nil || got != i+1 {
				return fmt.Errorf("%s: %d, %w", query, got, err)
			}
		}
		return nil
	}); err != nil || len(s.writer.prepared) > maxPrepared {
		t.Errorf("%d statements prepared, %v", len(s.writer.prepared), err)
	}
}

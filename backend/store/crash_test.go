package store_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

// crashFile names, in a child process of TestKill, the store to work on.
const crashFile = "TAPBENCH_TEST_CRASH_FILE"

// crashRounds is how many processes are killed.
const crashRounds = 20

// TestKill kills processes in the midst of their steps. After each, everything that a process had
// reported is there, with the very bytes that it reported; whatever else is there is whole; and
// the store is free.
func TestKill(t *testing.T) {
	cfg := config(t)
	if path := os.Getenv(crashFile); path != "" {
		cfg.Path = path
		work(t, cfg)
		return
	}
	killRounds(t, cfg, crashRounds)
}

func killRounds(t *testing.T, cfg store.Config, rounds int) {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	reported := make(map[uint64]string)
	for round := range rounds {
		kill(t, cfg, random.IntN(60), reported)
		checkReported(t, cfg, reported)
		if t.Failed() {
			t.Fatalf("seed %d, round %d", seed, round)
		}
	}
	if len(reported) == 0 {
		t.Error("no process lived long enough to report a step")
	}
}

// kill starts a process, kills it after so many reports, and adds all that came through.
func kill(t *testing.T, cfg store.Config, after int, reported map[uint64]string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
	// What is killed can't tidy up, so its temporary folders lie within ours.
	cmd.Env = append(os.Environ(), crashFile+"="+cfg.Path, "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < after && lines.Scan(); n++ {
		report(t, lines.Text(), reported)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	for lines.Scan() {
		report(t, lines.Text(), reported)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the process ended by itself: %v\n%s", err, &trouble)
	}
}

// report reads "step N ANSWER", a line written after a commit. A torn last line says nothing.
func report(t *testing.T, line string, reported map[uint64]string) {
	t.Helper()
	words := strings.Fields(line)
	if len(words) != 3 || words[0] != "step" || len(words[2]) != 32 {
		t.Logf("ignored: %q", line)
		return
	}
	n, err := strconv.ParseUint(words[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	reported[n] = words[2]
}

func checkReported(t *testing.T, cfg store.Config, reported map[uint64]string) {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n, want := range reported {
		got, err := store.Once(t.Context(), s, stepKey(n), func(store.Tx) ([]byte, error) {
			return nil, errors.New("not done yet")
		})
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("step %d: got %x, %v, reported was %s", n, got, err, want)
		}
	}
	err = s.View(t.Context(), func(tx store.Tx) error {
		var answers, rows, transfers int
		err := tx.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM store_answer),
			(SELECT count(*) FROM escrow), (SELECT count(*) FROM ledger_transfer)`).
			Scan(&answers, &rows, &transfers)
		if err == nil && (answers != rows || answers != max(transfers-1, 0)) {
			err = fmt.Errorf("%d answers, %d rows, %d transfers", answers, rows, transfers)
		}
		return errors.Join(err, ledger.Audit(t.Context(), tx))
	})
	if err != nil {
		t.Error(err)
	}
}

func stepKey(n uint64) store.Key {
	return store.Key{Op: "crash", ID: binary.BigEndian.AppendUint64(nil, n)}
}

// work makes step after step and reports each, until the process is killed.
func work(t *testing.T, cfg store.Config) {
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Tx(t.Context(), func(tx store.Tx) error { return fund(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	first := uint64(rows(t, s))
	for n := first; ; n++ {
		answer, err := store.Once(t.Context(), s, stepKey(n), func(tx store.Tx) ([]byte, error) {
			return step(t.Context(), tx, n)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(os.Stdout, "step %d %x\n", n, answer); err != nil {
			t.Fatal(err)
		}
	}
}

// fund opens the accounts and makes one deposit.
func fund(ctx context.Context, tx store.Tx) error {
	for _, a := range []ledger.Account{
		{ID: "cash", Kind: ledger.Asset, Currency: money.EUR},
		{ID: "anna", Kind: ledger.Liability, Currency: money.EUR},
		{ID: "escrow", Kind: ledger.Liability, Currency: money.EUR},
	} {
		if err := ledger.Open(ctx, tx, a); err != nil {
			return err
		}
	}
	_, err := ledger.Execute(ctx, tx, ledger.Transfer{
		ID: ledger.NewTransferID([]byte("deposit")), Debit: "cash", Credit: "anna",
		Amount: money.Must("EUR:1000000.00"), Reason: "deposit",
	})
	return err
}

// step reserves a cent, posts or voids the reservation before the last, and adds a row.
func step(ctx context.Context, tx store.Tx, n uint64) ([]byte, error) {
	id := func(n uint64) ledger.TransferID {
		return ledger.NewTransferID(binary.BigEndian.AppendUint64(nil, n))
	}
	if _, err := ledger.Execute(ctx, tx, ledger.Transfer{
		ID: id(n), Debit: "anna", Credit: "escrow", Amount: money.Must("EUR:0.01"),
		Pending: true, Reason: "reserve",
	}); err != nil {
		return nil, err
	}
	var err error
	switch {
	case n < 2:
	case n%3 == 0:
		_, err = ledger.Void(ctx, tx, id(n-2))
	default:
		_, err = ledger.Post(ctx, tx, id(n-2))
	}
	if err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO escrow (handle, minor) VALUES ($1, 1)`,
		binary.BigEndian.AppendUint64(nil, n))
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, n), rand.Uint64()), err
}

// TestSecondProcess starts a process on a store that this one holds.
func TestSecondProcess(t *testing.T) {
	cfg := config(t)
	open(t, cfg)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
	// What is killed can't tidy up, so its temporary folders lie within ours.
	cmd.Env = append(os.Environ(), crashFile+"="+cfg.Path, "TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	want := fmt.Sprintf("opening store %s: %v by process %d\n", cfg.Path, store.ErrInUse, os.Getpid())
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("got %v and this output, want %q in it:\n%s", err, want, out)
	}
}

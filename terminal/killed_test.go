package terminal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/money"
	"tapbench/terminal"
	"tapbench/terminal/archive"
	"tapbench/terminal/claims"
	"tapbench/terminal/journal"
	"tapbench/terminal/settle"
	"tapbench/terminal/terminaltest"
)

// sellIn names the folder of the terminal that TestTerminalIsKilled's child is.
const sellIn = "TAPBENCH_TEST_SELL_IN"

// TestTerminalIsKilled kills a terminal with SIGKILL, again and again, while it takes payments and
// ticks. Nothing that it has told of is lost, what it took has a receipt in the end, and all of it
// is settled once.
func TestTerminalIsKilled(t *testing.T) {
	if dir := os.Getenv(sellIn); dir != "" {
		sell(t, dir)
		return
	}
	dir := t.TempDir()
	told := map[string]int{} // by account: the highest unit that was delivered
	for range 6 {
		for account, to := range sellAndKill(t, dir) {
			told[account] = max(told[account], to)
		}
	}
	pos, taken, stop := openIn(t, newStall(t), dir)
	for _, f := range taken.Findings() {
		if !f.Torn {
			t.Errorf("the journal is damaged: %s", f)
		}
	}
	receipts, err := pos.Receipts()
	must(t, err)
	given := map[string]bool{}
	for _, r := range receipts {
		if given[r.Offline.Claim] {
			t.Errorf("two receipts of %s", r.Offline.Claim)
		}
		given[r.Offline.Claim] = true
	}
	paid := settleAll(t, taken)
	for account, to := range told {
		if int(paid[account]) < to || !given[account] {
			t.Errorf("told of %s up to %d: paid up to %d, receipt %t", account, to, paid[account],
				given[account])
		}
	}
	for account := range paid {
		if !given[account] {
			t.Errorf("paid without a receipt: %s", account)
		}
	}
	must(t, stop())
	if len(told) == 0 {
		t.Error("nothing was sold")
	}
}

// sellAndKill runs a terminal until it has told of a few payments or ticks, and returns those.
func sellAndKill(t *testing.T, dir string) map[string]int {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTerminalIsKilled$")
	child.Env = append(os.Environ(), sellIn+"="+dir)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	told, left := map[string]int{}, 1+rand.IntN(30)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var account string
		var to int
		if n, _ := fmt.Sscanf(lines.Text(), "sold %s %d", &account, &to); n != 2 {
			continue
		}
		told[account] = max(told[account], to)
		if left--; left == 0 {
			must(t, child.Process.Kill())
		}
	}
	_ = child.Wait() // it was killed
	return told
}

// sell is a terminal that takes ticks and payments until it is killed.
func sell(t *testing.T, dir string) {
	s := newStall(t)
	s.reuse = true
	pos, taken, _ := openIn(t, s, dir)
	meter := deliver(1 + rand.IntN(5))
	meter.Ticked = func(ticks int) {
		var last claims.Record
		for r, err := range taken.Claims() {
			must(t, err)
			last = r
		}
		_, account, err := settle.Key(last.Payload)
		must(t, err)
		_, _ = fmt.Fprintln(os.Stdout, "sold", claims.Key(account), ticks)
	}
	s.purse.Arm(0)
	_, err := pos.Meter(t.Context(), meter.Meter)
	must(t, err)
	for range 200 {
		s.purse.Arm(wire.ArmReuse)
		r, err := pos.Pay(t.Context(), money.Must("EUR:0.01"))
		if err != nil || !r.Approved() {
			break
		}
		_, _ = fmt.Fprintln(os.Stdout, "sold", r.Offline.Claim, r.Offline.To)
	}
}

// openIn opens a terminal whose journals and receipts lie in a folder.
func openIn(t *testing.T, s *stall, dir string) (*terminal.POS, *claims.Journal, func() error) {
	t.Helper()
	c := s.config(t)
	disk, err := journal.OpenFile(filepath.Join(dir, "journal"))
	must(t, err)
	c.Journal, err = journal.Open(disk)
	must(t, err)
	c.Archive, err = archive.Open(filepath.Join(dir, "receipts"))
	must(t, err)
	folder, err := claims.OpenFolder(filepath.Join(dir, "claims"))
	must(t, err)
	c.Offline.Claims, err = claims.Open(folder, c.Offline.Claims.Identity())
	must(t, err)
	pos, err := terminal.Open(c)
	must(t, err)
	return pos, c.Offline.Claims, func() error { return errors.Join(folder.Close(), disk.Close()) }
}

// till is a TSM that pays what it is sent, and fails after each second batch that it has paid.
type till struct {
	paid    map[string]uint8 // by account
	batches int
}

func (d *till) Post(_ context.Context, _ string, request, answer any) error {
	q, ok := request.(api.PayoutRequest)
	if !ok {
		return fmt.Errorf("asked for %T", request)
	}
	a := new(api.PayoutResponse)
	for all := q.Claims; len(all) > 0; {
		n := len(message.Encode(wire.MsgSpendClaim, message.SpendClaim{}))
		if all[0] == byte(wire.MsgMeterClaim) {
			n = len(message.Encode(wire.MsgMeterClaim, message.MeterClaim{}))
		}
		_, account, err := settle.Key(all[:n])
		if err != nil {
			return err
		}
		spend, meter, _ := settle.Parse(all[:n])
		to := uint8(0)
		if spend != nil {
			to = spend.Spend.To
		} else {
			to = meter.To
		}
		d.paid[claims.Key(account).String()] = max(to, d.paid[claims.Key(account).String()])
		a.Answers = append(a.Answers, api.ClaimAnswer{Key: account[:], Paid: 1})
		all = all[n:]
	}
	if d.batches++; d.batches%2 == 0 {
		return io.ErrUnexpectedEOF // it is paid, and the answer is lost
	}
	*answer.(*api.PayoutResponse) = *a
	return nil
}

// settleAll settles in small batches, again and again, until nothing waits.
func settleAll(t *testing.T, taken *claims.Journal) map[string]uint8 {
	t.Helper()
	p := terminaltest.NewPurse(t)
	desk := &till{paid: map[string]uint8{}}
	s := settle.Settler{
		Claims: taken, TSM: desk, ID: p.TSM, Merchant: p.Merchant, Key: p.Key,
		Certificate: p.Certificate, Size: 5,
	}
	for range taken.Len() + 1 {
		if _, err := s.Settle(t.Context()); err == nil {
			break
		}
	}
	for r, err := range taken.Claims() {
		if err != nil || r.State != claims.Paid {
			t.Errorf("claim %d is %s, %v", r.Number, r.State, err)
		}
	}
	return desk.paid
}

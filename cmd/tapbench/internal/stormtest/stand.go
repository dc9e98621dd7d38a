package stormtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/porttest"
	"tapbench/wallet/starter"
)

// stand is the bench that is stormed: one TPM, one bank, one TSM, and phones with a terminal each.
type stand struct {
	dir, keys string
	bed       *bench.Bed
	env       map[string]string // what the commands see
	bank, tsm *server
	bankAt    string // addresses
	tsmAt     string
	shopAt    string
	given     []func() error // that give the addresses back
	phones    []*phone
	tills     []*till
}

// start starts all of it.
func (s *storm) start(ctx context.Context) (err error) {
	s.stand = &stand{dir: s.Dir, keys: filepath.Join(s.Dir, "pki")}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	s.bed, err = bench.StartBed(ctx, bench.BedConfig{Dir: s.dir, TPM: true, Software: executable})
	if err != nil {
		return err
	}
	program, err := starter.Open(executable)
	if err != nil {
		return err
	}
	if err := program.Close(); err != nil {
		return err
	}
	roots, _, err := s.bed.TPM.EKRoots()
	if err != nil {
		return err
	}
	s.env = map[string]string{
		"TAPBENCH_TPM":          "unix:" + s.bed.TPM.Socket(),
		"TAPBENCH_MEASUREMENTS": s.bed.List,
		"TAPBENCH_EK_ROOTS":     roots,
		// The bed has started this program as the wallet: no command needs to do it again.
		"TAPBENCH_STARTED": fmt.Sprintf("%d %x", os.Getpid(), program.Digest),
	}
	if _, err := s.command(ctx, nil, "pki", "init", "--dir", s.keys, "--banks", "1"); err != nil {
		return err
	}
	if err := s.startServers(ctx, roots); err != nil {
		return err
	}
	for i := range s.Phones {
		if err := s.addUser(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

func (s *storm) startServers(ctx context.Context, roots string) error {
	for _, at := range []*string{&s.bankAt, &s.tsmAt, &s.shopAt} {
		address, give, err := porttest.Take(ctx)
		if err != nil {
			return err
		}
		*at, s.given = address, append(s.given, give)
	}
	key := func(name string) string { return filepath.Join(s.keys, name) }
	s.bank = &server{victim: Bank, store: filepath.Join(s.dir, "bank-a.db")}
	s.bank.args = []string{
		"bank", "serve", "--keys", key("bank-a"), "--public", key("public"),
		"--store", s.bank.store, "--ek-roots", roots, "--listen", s.bankAt,
		"--limits", limit + "," + allowance,
	}
	s.tsm = &server{victim: TSM, store: filepath.Join(s.dir, "tsm.db")}
	s.tsm.args = []string{
		"tsm", "serve", "--keys", key("tsm"), "--store", s.tsm.store, "--listen", s.tsmAt,
		"--acquirer", s.shopAt, "--bank", "bank-a=" + s.bankAt, "--limits", limit,
		"--card-limit", cardLimit,
	}
	return errors.Join(s.bank.start(ctx), s.tsm.start(ctx))
}

// addUser makes a phone and starts its terminal.
func (s *storm) addUser(ctx context.Context, n int) error {
	p, err := newPhone(s, n)
	if err != nil {
		return err
	}
	s.phones = append(s.phones, p)
	t := &till{
		storm: s, name: fmt.Sprintf("POS%05d", n+1), socket: p.socket(),
		folder: filepath.Join(s.dir, fmt.Sprintf("terminal-%d", n)), ordered: map[string]int{},
	}
	s.tills = append(s.tills, t)
	return t.start(ctx)
}

// stop ends what is still there.
func (s *storm) stop() {
	for _, t := range s.tills {
		t.stop()
	}
	for _, p := range s.phones {
		p.stop()
	}
	for _, server := range []*server{s.tsm, s.bank} {
		if server != nil {
			_ = server.stop()
		}
	}
	if s.bed != nil {
		_ = s.bed.Stop()
	}
	for _, give := range s.given {
		_ = give()
	}
}

package bench

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
)

// BackendConfig says which servers to start.
type BackendConfig struct {
	Dir       string   // folder of the stores
	PKI       string   // folder of keys
	Banks     []string // the banks' folders in it
	EKRoots   string   // PEM file with the TPM makers that the banks trust
	CardKinds []string // that the TSM issues; none: its default
	// Record has each server write what it receives, in clear, to received/NAME.jsonl in Dir, and its
	// log to logs/NAME.log: for an audit.
	Record bool
}

// Backend is the servers of a bench: banks and a TSM, each a process of its own.
type Backend struct {
	Banks map[string]*Child // by the name of their folder
	TSM   *Child
	stack stack
}

// StartBackend starts the banks, then the TSM that knows them. When one can't be started the
// others are ended again.
func StartBackend(ctx context.Context, c BackendConfig) (_ *Backend, err error) {
	b := &Backend{Banks: make(map[string]*Child)}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Stop())
		}
	}()
	tsm := []string{
		"tsm", "serve", "--keys", filepath.Join(c.PKI, "tsm"), "--store", c.Store("tsm"),
	}
	if len(c.CardKinds) > 0 {
		tsm = append(tsm, "--card-kinds", strings.Join(c.CardKinds, ","))
	}
	for _, name := range c.Banks {
		bank, err := b.start(ctx, c, name, "bank", "serve", "--keys", filepath.Join(c.PKI, name),
			"--public", filepath.Join(c.PKI, "public"), "--store", c.Store(name),
			"--ek-roots", c.EKRoots)
		if err != nil {
			return nil, err
		}
		b.Banks[name] = bank
		tsm = append(tsm, "--bank", name+"="+bank.Listening)
	}
	b.TSM, err = b.start(ctx, c, "tsm", tsm...)
	return b, err
}

// Store returns the path of a server's store.
func (c BackendConfig) Store(name string) string { return filepath.Join(c.Dir, name+".db") }

// Received returns the path of the record of what a party receives.
func (c BackendConfig) Received(name string) string {
	return filepath.Join(c.Dir, "received", name+".jsonl")
}

func (b *Backend) start(
	ctx context.Context, c BackendConfig, name string, args ...string,
) (*Child, error) {
	log := ""
	if c.Record {
		log = filepath.Join(c.Dir, "logs", name+".log")
		args = append(args, "--received", c.Received(name), "--log-level", "info")
	}
	child, err := startChild(ctx, name, log, args...)
	if err == nil {
		b.stack.push(child.Stop)
	}
	return child, err
}

// Stop ends the servers. It is idempotent.
func (b *Backend) Stop() error { return b.stack.unwind() }

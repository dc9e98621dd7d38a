package moneytest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/bank"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/wallet/wallettest"
)

// World is one run: a copy of a template that lives.
type World struct {
	t        testing.TB
	ctx      context.Context
	template *Template
	bugs     *Bugs
	dir      string
	now      time.Time

	face   wallettest.System // of the servers
	bankDB *killable
	tsmDB  *killable
	phones []*phone
	tills  []*till

	fault fault
	tally Tally
	sent  []api.PayoutRequest // all that terminals have sent
}

// Tally is what runs have done.
type Tally map[string]int

// walletHome is where a user's wallet lies.
func walletHome(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("user-%d", n)) }

// start makes a world of a template. Its folder is in memory where the machine has one for that: no
// run is about what a disk keeps.
func start(t testing.TB, p *Template, bugs *Bugs, tally Tally) (*World, error) {
	w := &World{
		t: t, ctx: context.Background(), template: p, bugs: bugs, now: p.began, tally: tally,
	}
	var err error
	if w.dir, err = os.MkdirTemp(memory(), "money"); err != nil {
		return nil, err
	}
	if err := p.copyTo(w.dir); err != nil {
		return nil, err
	}
	w.face = *p.systems[0]
	if err := errors.Join(w.startBank(), w.startTSM()); err != nil {
		return nil, err
	}
	for i := range p.systems {
		w.phones = append(w.phones, newPhone(w, i))
	}
	for i := range p.shops {
		till := &till{World: w, n: i, shop: p.shops[i], acked: map[string]uint8{}}
		w.tills = append(w.tills, till)
		if err := till.open(); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// memory is a folder that no disk keeps, or none.
func memory() string {
	const shared = "/dev/shm"
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		return shared
	}
	return ""
}

// end ends everybody and removes what they have left.
func (w *World) end() error {
	var errs []error
	for _, t := range w.tills {
		errs = append(errs, t.close())
	}
	for _, db := range []*killable{w.bankDB, w.tsmDB} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(w.dir))...)
}

func (w *World) clock() time.Time { return w.now }

func (w *World) open(role, party string, migrations []string) (*killable, error) {
	db, err := store.OpenSQLite(w.ctx, store.Config{
		Path: filepath.Join(w.dir, role+".db"), Role: role, Party: party, Migrations: migrations,
	})
	return &killable{Store: db, fault: &w.fault, name: role}, err
}

func (w *World) startBank() (err error) {
	config := w.template.systems[0].Bank.Config
	if w.bankDB, err = w.open("bank", config.ID.String(), bank.Migrations()); err != nil {
		return err
	}
	config.DB, config.Now = w.bankDB, w.clock
	w.face.Bank, err = bank.New(w.ctx, config)
	return err
}

func (w *World) startTSM() (err error) {
	config := w.template.systems[0].TSM.Config
	if w.tsmDB, err = w.open("tsm", config.ID.String(), tsm.Migrations()); err != nil {
		return err
	}
	config.DB, config.Now = w.tsmDB, w.clock
	link := w.face.BankFor(config.ID)
	link.Change, link.Answer = w.fault.lines("link")
	config.Banks = map[message.PartyID]tsm.Bank{}
	for id, b := range w.template.systems[0].TSM.Banks {
		config.Banks[id] = tsm.Bank{Key: b.Key, Caller: link}
	}
	w.face.TSM, err = tsm.New(w.ctx, config)
	return err
}

// restart ends a server, whatever it was at, and starts it again.
func (w *World) restart(db **killable, start func() error) error {
	return errors.Join((*db).Close(), start())
}

// revive starts those again that a fault has killed.
func (w *World) revive() error {
	w.fault.clear()
	var errs []error
	if w.bankDB.dead {
		errs = append(errs, w.restart(&w.bankDB, w.startBank))
	}
	if w.tsmDB.dead {
		errs = append(errs, w.restart(&w.tsmDB, w.startTSM))
	}
	for _, t := range w.tills {
		if t.dead {
			errs = append(errs, t.reopen())
		}
	}
	return errors.Join(errs...)
}

// count notes that something has happened.
func (w *World) count(what string) { w.tally[what]++ }

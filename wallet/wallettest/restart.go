package wallettest

import (
	"bytes"
	"testing"

	"tapbench/applet/emulator"
	"tapbench/backend/bank"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/pcsc"
)

// RestartBank ends the bank and starts it again on its store.
func (s *System) RestartBank(t testing.TB) {
	t.Helper()
	config := s.Bank.Config
	config.DB = s.reopen(t, &s.BankDB, "bank", config.ID.String(), bank.Migrations())
	b, err := bank.New(t.Context(), config)
	check(t, err)
	*s.Bank = *b // in place: other users and the TSM meet it too
}

// RestartTSM ends the TSM and starts it again on its store.
func (s *System) RestartTSM(t testing.TB) {
	t.Helper()
	config := s.TSM.Config
	config.DB = s.reopen(t, &s.TSMDB, "tsm", config.ID.String(), tsm.Migrations())
	again, err := tsm.New(t.Context(), config)
	check(t, err)
	*s.TSM = *again
}

func (s *System) reopen(
	t testing.TB, db *store.Store, role, party string, migrations []string,
) store.Store {
	t.Helper()
	check(t, (*db).Close())
	*db = s.openStore(t, role, party, migrations)
	return *db
}

// RestartTPM ends the TPM and starts it again in its folder, as a phone does that is switched on:
// its PCRs begin anew and the wallet's program is measured again.
func (s *System) RestartTPM(t testing.TB) {
	t.Helper()
	_ = s.TPM.Close()
	check(t, s.process.Stop())
	s.powerTPM(t)
}

// RollBack gives the element an earlier state, as a broken one might have; with power anew.
func (s *System) RollBack(t testing.TB, state []byte) {
	t.Helper()
	s.Element.State = bytes.Clone(state)
	card, err := emulator.New(emulator.Config{Keys: s.Keys, Store: s.Element})
	check(t, err)
	s.Card, s.Session = card, pcsc.NewSession(pcsc.NewDirect(card))
}

// Take makes another user's servers and TPM this user's, after they were restarted.
func (s *System) Take(other *System) {
	s.BankDB, s.TSMDB = other.BankDB, other.TSMDB
	s.TPM, s.process = other.TPM, other.process
}

// Reader stands between wallet and element: Tap, if set, is asked before and after each command,
// and false takes the element off the reader.
type Reader struct {
	*emulator.Card
	Tap func(after bool) bool
}

// Process implements [pcsc.Processor].
func (r *Reader) Process(command []byte) []byte {
	if r.Tap != nil && !r.Tap(false) {
		return nil
	}
	answer := r.Card.Process(command)
	if r.Tap != nil && !r.Tap(true) {
		return nil
	}
	return answer
}

// Reconnect lays the element on the reader again, with the state that it has committed.
func (s *System) Reconnect(t testing.TB, tap func(after bool) bool) {
	t.Helper()
	var err error
	s.Card, err = emulator.New(emulator.Config{Keys: s.Keys, Store: s.Element})
	check(t, err)
	s.Session = pcsc.NewSession(pcsc.NewDirect(&Reader{s.Card, tap}))
}

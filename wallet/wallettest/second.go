package wallettest

import (
	"path/filepath"
	"testing"

	"tapbench/applet/message"
	"tapbench/backend/bank"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// SecondBank is another bank of a system, with the same rules as the first one.
type SecondBank struct {
	*bank.Bank
	DB store.Store
	// Line is the bank as a wallet sees it, Link as the TSM does.
	Line, Link *Server
}

// AddBank adds the second bank, with which the TSM works from then on.
func (s *System) AddBank(t testing.TB) *SecondBank {
	t.Helper()
	party, certs := open(t, filepath.Join(s.Home, "pki", "bank-b"))
	config := s.Bank.Config
	config.ID, config.SignKey, config.KEMKey = party.ID, party.Sign.Reveal(), party.KEM.Reveal()
	config.Sign, config.KEM = certs.Sign, certs.KEM
	second := &SecondBank{DB: s.openStore(t, "second-bank", party.ID.String(), bank.Migrations())}
	config.DB = second.DB
	var err error
	second.Bank, err = bank.New(t.Context(), config)
	check(t, err)
	second.Line = bankServer(&second.Bank, message.PartyID{})
	second.Link = bankServer(&second.Bank, s.TSM.ID)
	tsmConfig := s.TSM.Config
	tsmConfig.Banks[party.ID] = tsm.Bank{Key: certs.Sign.Key, Caller: second.Link}
	again, err := tsm.New(t.Context(), tsmConfig)
	check(t, err)
	*s.TSM = *again
	return second
}

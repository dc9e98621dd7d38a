package terminal_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tapbench/backend/acquirer"
	"tapbench/backend/acquirer/acquirertest"
	"tapbench/backend/pki"
	"tapbench/terminal"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

// online gives the shop keys of its own and has it ask the issuer over TLS. It returns the point of
// sale and how to stop the issuer's server.
func (s *shop) online(t *testing.T) (pos *terminal.POS, stop func()) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pki")
	if _, err := pki.Init(dir, pki.Config{Banks: 1}); err != nil {
		t.Fatal(err)
	}
	merchant := openParty(t, dir, "merchant", time.Now)
	tsm := openParty(t, dir, "tsm", time.Now)
	address, stop := acquirertest.Serve(t, tsm, s.issuer)
	config, err := merchant.ClientTLS(pki.RoleTSM, tsm.ID)
	if err != nil {
		t.Fatal(err)
	}
	c := s.config(t)
	c.Acquirer = acquirer.NewClient(address, config)
	if c.Merchant, err = acquirer.NewMerchant(merchant.ID.String() + "SHOP01"); err != nil {
		t.Fatal(err)
	}
	if c.Journal, err = journal.Open(s.disk); err != nil {
		t.Fatal(err)
	}
	if pos, err = terminal.Open(c); err != nil {
		t.Fatal(err)
	}
	return pos, stop
}

func TestOnlineBreaks(t *testing.T) {
	t.Run("TSM down", func(t *testing.T) {
		s := newShop(t)
		pos, stop := s.online(t)
		stop()
		_, err := pos.Pay(t.Context(), amount())
		if !errors.Is(err, acquirer.ErrUnreachable) || errors.Is(err, terminal.ErrReversalPending) {
			t.Errorf("got error %v, want %v", err, acquirer.ErrUnreachable)
		}
		if n, err := pos.Recover(t.Context()); err != nil || n.Reversed != 0 {
			t.Errorf("Recover: got %v, %v", n, err)
		}
	})
	t.Run("TSM fails after it has booked", func(t *testing.T) {
		s := newShop(t)
		s.issuer.After = func(what string) error {
			if what == "authorise" {
				return errors.New("store is gone")
			}
			return nil
		}
		pos, _ := s.online(t)
		r, err := pos.Pay(t.Context(), amount())
		if err != nil || r.Result != kernel.Declined || !r.Reversed || s.issuer.Booked() != 0 {
			t.Errorf("got %+v, %v, %d booked", r, err, s.issuer.Booked())
		}
	})
	t.Run("card gone after the approval", func(t *testing.T) {
		s := newShop(t)
		s.pull(secondAC)
		pos, _ := s.online(t)
		_, err := pos.Pay(t.Context(), amount())
		if !errors.Is(err, terminal.ErrReversed) || s.issuer.Booked() != 0 {
			t.Errorf("got error %v, %d booked", err, s.issuer.Booked())
		}
	})
}

func TestOnlineApproved(t *testing.T) {
	s := newShop(t)
	pos, _ := s.online(t)
	r, err := pos.Pay(t.Context(), amount())
	if err != nil || !r.Approved() || r.Approval == "" || s.issuer.Booked() != 1 {
		t.Errorf("got %+v, %v, %d booked", r, err, s.issuer.Booked())
	}
}

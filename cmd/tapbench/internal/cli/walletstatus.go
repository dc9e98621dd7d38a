package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
)

func (a *app) newWalletStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "Show accounts, cards and consent", Args: noArgs,
		Example: "  tapbench wallet status\n  tapbench wallet status --json",
	}
	w := a.addWalletFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := w.open(cmd.Context(), a, false, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		status, err := p.Status(cmd.Context())
		if err != nil {
			return err
		}
		out := walletJSON(p)
		out.Cards, out.Armed = make(map[string]int), armName(status)
		for _, card := range status.Cards {
			out.Cards[cardName(card)]++
		}
		return a.print(out, out.write)
	}
	return cmd
}

// walletStatus is a wallet as it is printed.
type walletStatus struct {
	User     string         `json:"user"`
	Accounts []accountJSON  `json:"bank_accounts"`
	TSM      []accountJSON  `json:"tsm_accounts"`
	Cards    map[string]int `json:"cards,omitempty"`
	Armed    string         `json:"armed,omitempty"`
}

type accountJSON struct {
	Bank    string `json:"bank"`
	Limit   string `json:"limit"`
	Expires string `json:"expires"`
	Ready   bool   `json:"ready"`
}

func walletJSON(p *phone) walletStatus {
	state := p.State()
	out := walletStatus{User: state.User, Accounts: []accountJSON{}, TSM: []accountJSON{}}
	for _, b := range state.Banks {
		out.Accounts = append(out.Accounts, newAccountJSON(b.Bank, b.Limit, b.Expiry, b.Granted))
	}
	for _, t := range state.TIDs {
		out.TSM = append(out.TSM, newAccountJSON(t.Bank, t.Limit, t.Expiry, t.Active))
	}
	return out
}

func newAccountJSON(bank string, limit uint64, expiry uint32, ready bool) accountJSON {
	out := accountJSON{Bank: bank, Ready: ready}
	if amount, err := money.FromUint64(limit, money.EUR); err == nil {
		out.Limit = amount.String()
	}
	if expiry != 0 {
		out.Expires = message.Epoch(expiry).End().Format("2006-01-02")
	}
	return out
}

func (s walletStatus) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "user          %s\n", s.User)
	for _, b := range s.Accounts {
		_, _ = fmt.Fprintf(w, "bank account  %s  limit %s  until %s%s\n", b.Bank, b.Limit, b.Expires,
			unfinished(b.Ready, "wallet open"))
	}
	for _, t := range s.TSM {
		_, _ = fmt.Fprintf(w, "TSM account   paid from %s  limit %s  until %s%s\n", t.Bank, t.Limit,
			t.Expires, unfinished(t.Ready, "wallet register"))
	}
	if s.Cards != nil {
		var parts []string
		for _, name := range []string{"ready", "requested", "spent", "free"} {
			if n := s.Cards[name]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, name))
			}
		}
		_, _ = fmt.Fprintf(w, "cards         %s\n", strings.Join(parts, ", "))
		_, _ = fmt.Fprintf(w, "consent       %s\n", s.Armed)
	}
}

func unfinished(ready bool, command string) string {
	if ready {
		return ""
	}
	return "  (not finished: run \"tapbench " + command + "\" again)"
}

func (a *app) printWallet(p *phone) error {
	out := walletJSON(p)
	return a.print(out, out.write)
}

func cardName(s wire.SlotState) string {
	switch s {
	case wire.CardEmpty:
		return "free"
	case wire.CardRequested:
		return "requested"
	case wire.CardReady:
		return "ready"
	case wire.CardSpent:
		return "spent"
	default:
		return "unknown"
	}
}

func armName(s applet.Status) string {
	switch s.Arm {
	case wire.ArmNone:
		return "not armed"
	case wire.ArmReady:
		return "armed for one tap"
	case wire.ArmBound:
		return fmt.Sprintf("in a tap, answered %d of %d times", s.Tries, wire.TapTries)
	default:
		return "unknown"
	}
}

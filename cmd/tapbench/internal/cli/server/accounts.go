package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

type tsmAccountsOptions struct{ keys, store string }

func newTSMAccounts(a *shell.App) *cobra.Command {
	var o tsmAccountsOptions
	cmd := &cobra.Command{
		Use:   "accounts",
		Short: "Show what the TSM knows of its accounts",
		Long: `accounts prints paper A's table 2 from the store of a TSM that isn't running: each anonymous
account with its key, limit, balance, expiry and cards. Where the paper has the bank account ID, the
TSM has a random handle: the bank that gave it out knows the account behind it, the TSM does not.

An account is funding while the bank's answer is missing, then active; closed when its holder has
given it up; frozen when double spending was proven of it; returning and returned when its last
epoch is over and what is left goes back. Tokens are what its offline tokens hold until they are
paid, closed or reclaimed. The loss is what was paid for units that were spent twice.`,
		Example: "  tapbench tsm accounts --store tsm.db\n" +
			"  tapbench tsm accounts --store tsm.db --json | jq '.[].balance'",
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return tsmAccounts(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.keys, "keys", "pki/tsm", "the TSM's own `folder`, made by pki init")
	f.StringVar(&o.store, "store", "tsm.db", "the TSM's `file`, or a PostgreSQL database's URL")
	return cmd
}

// tsmAccount is a row of the table.
type tsmAccount struct {
	ID      string    `json:"tid"`
	State   string    `json:"state"`
	Handle  string    `json:"handle,omitempty"` // none while funding
	Bank    string    `json:"bank"`
	Key     string    `json:"public_key"`
	Limit   string    `json:"limit"`
	Balance string    `json:"balance"`
	Tokens  string    `json:"tokens"` // what its offline tokens hold
	Open    int       `json:"open_tokens"`
	Loss    string    `json:"loss"`
	Frozen  bool      `json:"frozen"` // once, whatever its state is now
	Expires time.Time `json:"expires"`
	Cards   int       `json:"cards"`
	Spent   int       `json:"spent"`
}

func tsmAccounts(ctx context.Context, a *shell.App, o tsmAccountsOptions) error {
	s, err := openTSMStore(ctx, o.keys, o.store)
	if err != nil {
		return err
	}
	rows := []tsmAccount{}
	err = s.View(ctx, func(tx store.Tx) error {
		accounts, err := tsm.Accounts(ctx, tx)
		for _, account := range accounts {
			row, rowErr := newTSMAccount(account)
			rows, err = append(rows, row), errors.Join(err, rowErr)
		}
		return err
	})
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	return a.Print(rows, func(w io.Writer) { writeTSMAccounts(w, rows) })
}

// openTSMStore opens the store of a TSM that isn't running.
func openTSMStore(ctx context.Context, keys, path string) (store.Store, error) {
	party, err := pki.OpenParty(keys, nil)
	if err != nil {
		return nil, err
	}
	if party.Role != pki.RoleTSM {
		return nil, shell.Usagef("--keys %s is the folder of a %s", keys, party.Role)
	}
	return parties.OpenOldStore(ctx, path, party)
}

func newTSMAccount(account tsm.Account) (tsmAccount, error) {
	limit, err := money.New(account.Limit, money.EUR)
	if err != nil {
		return tsmAccount{}, err
	}
	balance, err := money.New(account.Balance, money.EUR)
	tokens, tokensErr := money.New(account.Tokens, money.EUR)
	loss, lossErr := money.New(account.Loss, money.EUR)
	handle := ""
	if account.State != tsm.StateFunding {
		handle = account.Handle.String()
	}
	return tsmAccount{
		ID: account.ID.String(), State: string(account.State), Handle: handle,
		Bank: account.Bank.String(),
		Key:  fmt.Sprintf("%x", account.Key), Limit: limit.String(), Balance: balance.String(),
		Tokens: tokens.String(), Open: account.Open, Loss: loss.String(), Frozen: account.Frozen,
		Expires: account.Expiry.End(), Cards: account.Cards, Spent: account.Spent,
	}, errors.Join(err, tokensErr, lossErr)
}

// shown is how many digits of an identifier are shown in a table.
const shown = 16

func writeTSMAccounts(w io.Writer, rows []tsmAccount) {
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(w, "no account is registered")
		return
	}
	_, _ = fmt.Fprintf(w, "%-17s %-9s %-17s %-9s %12s %12s %12s %12s  %-10s %s\n", "TSM account ID",
		"state", "handle", "bank", "limit", "balance", "tokens", "loss", "expires", "cards")
	for _, r := range rows {
		handle := "none yet"
		if r.Handle != "" {
			handle = r.Handle[:shown] + "…"
		}
		_, _ = fmt.Fprintf(w, "%.*s… %-9s %-17s %-9s %12s %12s %12s %12s  %s %d, %d spent\n", shown,
			r.ID, r.State, handle, r.Bank, r.Limit, r.Balance, r.Tokens, r.Loss,
			r.Expires.Format(time.DateOnly), r.Cards, r.Spent)
	}
}

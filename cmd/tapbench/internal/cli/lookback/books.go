package lookback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/store"
	"tapbench/cmd/tapbench/internal/cli/parties"
)

// Books is what stands in the stores of a bench after its servers have ended.
type Books struct {
	Balances []Balance
	// Trial is the sum of all debits less all credits over all books, in minor units: 0.
	Trial int64
	// Agree says whether what each bank holds in escrow is what the TSM claims of it.
	Agree bool
}

// Balance is one account of one party.
type Balance struct {
	Party   string `json:"party"`
	Account string `json:"account"`
	Kind    string `json:"kind"`
	Minor   int64  `json:"minor"`
	Balance string `json:"balance"`
}

// ReadBooks reads and audits the books of all servers.
func ReadBooks(ctx context.Context, dir, keys string, names []string) (Books, error) {
	var out Books
	held, claimed := make(map[string]int64), make(map[string]int64)
	for _, name := range names {
		party, err := pki.OpenParty(filepath.Join(keys, name), nil)
		if err != nil {
			return out, err
		}
		s, err := parties.OpenStore(ctx, filepath.Join(dir, name+".db"), party)
		if err != nil {
			return out, err
		}
		err = s.View(ctx, func(tx store.Tx) error {
			if err := ledger.Audit(ctx, tx); err != nil {
				return err
			}
			accounts, err := tx.Accounts(ctx)
			if err != nil {
				return err
			}
			for _, account := range accounts {
				out.add(name, account)
				id := string(account.ID)
				if party.Role == pki.RoleTSM {
					if bank, ok := strings.CutPrefix(id, "escrow/"); ok {
						claimed[bank] = account.Balance()
					}
				} else if strings.HasPrefix(id, "escrow/") {
					held[party.ID.String()] = account.Balance()
				}
			}
			return nil
		})
		if err := errors.Join(err, s.Close()); err != nil {
			return out, fmt.Errorf("reading the books of %s: %w", name, err)
		}
	}
	out.Agree = len(held) == len(claimed)
	for bank, minor := range held {
		out.Agree = out.Agree && claimed[bank] == minor
	}
	return out, nil
}

func (b *Books) add(party string, a ledger.Account) {
	b.Trial += a.DebitsPosted - a.CreditsPosted
	b.Balances = append(b.Balances, Balance{
		Party: party, Account: string(a.ID), Kind: a.Kind.String(), Minor: a.Balance(),
		Balance: money.Signed(a.Balance(), a.Currency) + " " + a.Currency.Code(),
	})
}

func (b *Books) Write(w io.Writer) {
	_, _ = fmt.Fprintln(w, "\nbalances")
	party := ""
	for _, row := range b.Balances {
		name := ""
		if row.Party != party {
			party, name = row.Party, row.Party
		}
		account := row.Account
		if len(account) > 32 {
			account = account[:24] + "…"
		}
		_, _ = fmt.Fprintf(w, "  %-9s %-32s %-10s %14s\n", name, account, row.Kind, row.Balance)
	}
	_, _ = fmt.Fprintln(w, Verdict(b.Trial, b.Agree))
}

// Verdict says whether the books agree.
func Verdict(trial int64, agree bool) string {
	text := "and each escrow is what the TSM claims of it"
	if !agree {
		text = "BUT AN ESCROW ISN'T WHAT THE TSM CLAIMS OF IT"
	}
	return fmt.Sprintf("trial balance over all books: %d, %s", trial, text)
}

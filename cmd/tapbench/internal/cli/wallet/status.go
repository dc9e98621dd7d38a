package wallet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/money"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
	"tapbench/wallet/plan"
)

func newStatus(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "Show accounts, cards, tokens, consent, and what happens next",
		Args: shell.NoArgs,
		Long: `status shows the wallet's accounts and their limits, the element's cards and how long they
live, its offline tokens and what is left of them, the consent, which program unlocks the element,
and what "wallet run" does next and when. It works while the element is locked, and no server is
asked. "Spent at most" is what taps may have taken, and tokens have cost: the wallet knows what it
armed for, not what a terminal took.`,
		Example: "  tapbench wallet status\n  tapbench wallet status --json",
	}
	w, f := phone.AddFlags(a, cmd), addPolicyFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		policy, err := f.policy()
		if err != nil {
			return err
		}
		p, err := w.Open(cmd.Context(), a, phone.NeedNothing, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		outlook, err := p.Outlook(cmd.Context())
		if err != nil {
			return err
		}
		status, err := p.Status(cmd.Context())
		if err != nil {
			return err
		}
		schedule, err := p.Schedule()
		if err != nil {
			return err
		}
		launch, err := p.LaunchState(cmd.Context())
		if err != nil {
			return err
		}
		out := walletJSON(p)
		out.Launch = newLaunchJSON(launch, p.State())
		out.addCards(outlook)
		out.addTokens(outlook)
		out.Armed = armName(status)
		for _, step := range plan.Next(outlook, policy, schedule) {
			out.Next = append(out.Next, newStepJSON(step))
		}
		return a.Print(out, out.write)
	}
	return cmd
}

// addCards counts the element's cards, and says until when the ready ones live.
func (s *status) addCards(o plan.Outlook) {
	s.Cards, s.CardsUntil = make(map[string]int), make(map[string]int)
	for _, card := range o.Cards {
		name := cardName(card.State)
		if card.State == wire.CardReady && card.Expiry < o.Epoch() {
			name = "expired"
		}
		s.Cards[name]++
		s.addLimit(o, card)
		if card.State == wire.CardReady && card.Expiry != 0 {
			s.CardsUntil[epochEnd(card.Expiry)]++
		}
	}
}

// addLimit says what is left of the limit of a card until expiry.
func (s *status) addLimit(o plan.Outlook, card plan.Card) {
	s.CardKind = o.Kind.String()
	if card.State != wire.CardReady || card.Kind != wire.CardUntilExpiry {
		return
	}
	limit, err1 := money.FromUint64(card.Limit, money.EUR)
	left, err2 := money.FromUint64(card.Left(), money.EUR)
	if errors.Join(err1, err2) != nil {
		return
	}
	s.CardLimits = append(s.CardLimits, cardLimitJSON{Limit: limit.String(), Left: left.String()})
}

// epochEnd is the day with whose beginning an epoch is over.
func epochEnd(e message.Epoch) string { return e.End().Format("2006-01-02") }

// stepJSON is what happens next.
type stepJSON struct {
	Act  plan.Act  `json:"act"`
	At   time.Time `json:"at"`
	Bank string    `json:"bank,omitempty"`
	Why  string    `json:"why"`
}

func newStepJSON(s plan.Step) stepJSON {
	return stepJSON{Act: s.Act, At: s.At.UTC().Truncate(time.Second), Bank: s.Bank, Why: s.Why}
}

// status is a wallet as it is printed.
type status struct {
	User     string         `json:"user"`
	Accounts []accountJSON  `json:"bank_accounts"`
	TSM      []accountJSON  `json:"tsm_accounts"`
	Cards    map[string]int `json:"cards,omitempty"`
	// CardKind is the kind of card that the wallet asks for.
	CardKind string `json:"card_kind,omitempty"`
	// CardLimits has a line for each ready card until expiry.
	CardLimits []cardLimitJSON `json:"card_limits,omitempty"`
	// CardsUntil counts the ready cards by the day on which they have ended.
	CardsUntil map[string]int `json:"cards_until,omitempty"`
	Tokens     []tokenStatus  `json:"tokens,omitempty"`
	Armed      string         `json:"armed,omitempty"`
	Next       []stepJSON     `json:"next,omitempty"`
	Launch     *launchJSON    `json:"launch,omitempty"`
	// Bound says how the wallet's state is bound; null: it isn't.
	Bound *device.BoundJSON `json:"bound_state,omitempty"`
}

// launchJSON is what unlocks the element.
type launchJSON struct {
	Software string `json:"software"`
	Version  string `json:"version,omitempty"`
	Program  string `json:"program_sha256"`
	Policy   string `json:"policy"`
	Bank     string `json:"bank"`
}

// newLaunchJSON returns nil where no reference is stored. The element doesn't know the version.
func newLaunchJSON(l applet.Launch, state wallet.State) *launchJSON {
	if !l.Stored {
		return nil
	}
	out := &launchJSON{
		Software: l.Software, Program: fmt.Sprintf("%x", l.Program), Policy: api.PolicyLocal,
		Bank: l.Bank.String(),
	}
	if l.Policy == wire.LaunchBank {
		out.Policy = api.PolicyBank
	}
	if bytes.Equal(state.Installed.Program, l.Program[:]) {
		out.Version = state.Installed.Version
	}
	return out
}

func (l *launchJSON) write(w io.Writer) {
	if l == nil {
		_, _ = fmt.Fprintf(w, "unlocks for   whoever knows the pairing key: nothing is installed\n")
		return
	}
	_, _ = fmt.Fprintf(w, "unlocks for   %s, sha256 %s, policy %s, signed by %s\n",
		strings.TrimSpace(l.Software+" "+l.Version), l.Program[:16]+"…", l.Policy, l.Bank)
}

// cardLimitJSON is what a card until expiry can still be shown to.
type cardLimitJSON struct {
	Limit string `json:"limit"`
	Left  string `json:"left"`
}

type accountJSON struct {
	Bank    string `json:"bank"`
	Limit   string `json:"limit"`
	Expires string `json:"expires"`
	Ready   bool   `json:"ready"`
	// Spent is the most that taps may have taken from a TSM account.
	Spent string `json:"spent_at_most,omitempty"`
}

func walletJSON(p *phone.Phone) status {
	state := p.State()
	out := status{
		User: state.User, Accounts: []accountJSON{}, TSM: []accountJSON{}, Bound: p.Bound,
	}
	for _, b := range state.Banks {
		out.Accounts = append(out.Accounts, newAccountJSON(b.Bank, b.Limit, b.Expiry, b.Granted))
	}
	for _, t := range state.TIDs {
		account := newAccountJSON(t.Bank, t.Limit, t.Expiry, t.Active)
		if spent, err := money.FromUint64(t.Spent, money.EUR); err == nil {
			account.Spent = spent.String()
		}
		out.TSM = append(out.TSM, account)
	}
	return out
}

func newAccountJSON(bank string, limit uint64, expiry uint32, ready bool) accountJSON {
	out := accountJSON{Bank: bank, Ready: ready}
	if amount, err := money.FromUint64(limit, money.EUR); err == nil {
		out.Limit = amount.String()
	}
	if expiry != 0 {
		out.Expires = epochEnd(message.Epoch(expiry))
	}
	return out
}

func (s status) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "user          %s\n", s.User)
	s.Bound.Write(w)
	for _, b := range s.Accounts {
		_, _ = fmt.Fprintf(w, "bank account  %s  limit %s  until %s%s\n", b.Bank, b.Limit, b.Expires,
			unfinished(b.Ready, "wallet open"))
	}
	for _, t := range s.TSM {
		_, _ = fmt.Fprintf(w, "TSM account   paid from %s  limit %s  spent at most %s  until %s%s\n",
			t.Bank, t.Limit, t.Spent, t.Expires, unfinished(t.Ready, "wallet register"))
	}
	if s.Cards != nil {
		var parts []string
		for _, name := range []string{"ready", "expired", "requested", "spent", "free"} {
			if n := s.Cards[name]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, name))
			}
		}
		_, _ = fmt.Fprintf(w, "cards         %s  (%s)\n", strings.Join(parts, ", "), s.CardKind)
		for _, c := range s.CardLimits {
			_, _ = fmt.Fprintf(w, "              %s left of %s\n", c.Left, c.Limit)
		}
		for _, day := range slices.Sorted(maps.Keys(s.CardsUntil)) {
			_, _ = fmt.Fprintf(w, "              %d until %s\n", s.CardsUntil[day], day)
		}
		s.writeTokens(w)
		_, _ = fmt.Fprintf(w, "consent       %s\n", s.Armed)
		s.Launch.write(w)
	}
	for i, step := range s.Next {
		head := "next"
		if i > 0 {
			head = "then"
		}
		text := nextText(plan.Step{Act: step.Act, At: step.At, Bank: step.Bank})
		if step.Act == plan.Tell {
			head, text = "note", step.Why
			_, _ = fmt.Fprintf(w, "%-13s %s\n", head, text)
			continue
		}
		_, _ = fmt.Fprintf(w, "%-13s %s: %s\n", head, text, step.Why)
	}
}

func unfinished(ready bool, command string) string {
	if ready {
		return ""
	}
	return "  (not finished: run \"tapbench " + command + "\" again)"
}

func printWallet(a *shell.App, p *phone.Phone) error {
	out := walletJSON(p)
	return a.Print(out, out.write)
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

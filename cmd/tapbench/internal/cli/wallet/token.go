package wallet

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet"
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/settle"
	"tapbench/wallet"
	"tapbench/wallet/plan"
)

func newToken(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Look at offline payments, or give back what is left of a token",
	}
	cmd.AddCommand(newTokenList(a), newTokenShow(a), newTokenClose(a))
	return cmd
}

func newTokenList(a *shell.App) *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the offline payments that the wallet keeps",
		Long: `list prints the last offline payments, the oldest first, and whether the merchant's signed
receipt came back. The wallet takes them from the element when it is armed or refilled next; no card
is needed to list them. With --json each has what the element has signed, and the receipt.`,
		Example: "  tapbench wallet token list\n  tapbench wallet token list --json",
		Args:    shell.NoArgs,
	}
	cmd.Flags().StringVar(&folder, "wallet", "wallet", "the wallet's `folder`")
	cmd.RunE = func(*cobra.Command, []string) error {
		state, err := wallet.View(folder).Load()
		if err != nil {
			return err
		}
		kept := []keptJSON{}
		for _, k := range state.Books.Payments {
			one, err := newKeptJSON(k)
			if err != nil {
				return err
			}
			kept = append(kept, one)
		}
		return a.Print(kept, func(w io.Writer) {
			for _, k := range kept {
				_, _ = fmt.Fprintf(w, "%s  %-10s  %-15s  %-10s  %s\n", k.Time.Format(time.DateTime), k.Amount,
					k.Merchant, k.Receipted(), k.Statement)
			}
		})
	}
	return cmd
}

// keptJSON is an offline payment of the wallet's as it is printed.
type keptJSON struct {
	Time     time.Time `json:"time"`
	Amount   string    `json:"amount"`
	Merchant string    `json:"merchant"`
	// Statement is what the element has signed, Claim all that the merchant claims with, in
	// hexadecimal.
	Statement string `json:"statement"`
	Claim     string `json:"claim"`
	Receipt   string `json:"receipt,omitempty"`
}

// Receipted says whether there is a receipt.
func (k keptJSON) Receipted() string {
	if k.Receipt == "" {
		return "no receipt"
	}
	return "receipted"
}

func newKeptJSON(k wallet.KeptPayment) (keptJSON, error) {
	out := keptJSON{
		Statement: hex.EncodeToString(k.Statement), Claim: hex.EncodeToString(k.Claim),
		Receipt: hex.EncodeToString(k.Receipt),
	}
	spend, meter, err := settle.Parse(k.Claim)
	switch {
	case err != nil:
		return out, fmt.Errorf("reading an offline payment: %w", err)
	case spend != nil:
		out.set(spend.Spend.Time, spend.Spend.Merchant, spend.Spend.To-spend.Spend.From,
			spend.Token.Fields.Unit)
	default:
		out.set(meter.Meter.Time, meter.Meter.Merchant, meter.To-meter.Meter.From, meter.Meter.Unit)
	}
	return out, nil
}

func (k *keptJSON) set(at uint32, merchant [wire.MerchantLen]byte, units, unit uint8) {
	k.Time = time.Unix(int64(at), 0).UTC()
	k.Merchant = strings.TrimSpace(string(merchant[:]))
	k.Amount = euros(uint64(units) * uint64(unit))
}

func newTokenShow(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show SLOT",
		Short: "Show what a token was last used for, with the merchant's receipt",
		Long: `show prints what the element keeps of the last payment with a token that was used: merchant,
amount, time, the units, the element's signature and the merchant's signed receipt. With both anyone
can be shown that the payment was made and accepted. It works until the slot gets its next token.`,
		Example: "  tapbench wallet token show 0\n  tapbench wallet token show 3 --json",
		Args:    shell.OneArg("SLOT, as \"wallet status\" numbers them"),
	}
	w := phone.AddFlags(a, cmd)
	w.AddStartFlags(a, cmd)
	cmd.RunE = withToken(a, w, func(ctx context.Context, p *phone.Phone, slot byte) error {
		record, err := p.Token(ctx, slot)
		if err != nil {
			return err
		}
		out := newTokenJSON(record)
		return a.Print(out, out.write)
	})
	return cmd
}

func newTokenClose(a *shell.App) *cobra.Command {
	var tsm phone.ServerFlags
	cmd := &cobra.Command{
		Use:   "close SLOT",
		Short: "Close a token for good: what is left of it comes back at once",
		Long: `close has the element give up a token for good and sign where it stopped. The TSM puts the
rest back into the account at once; without that it comes back when the token's grace is over. If
the answer is lost, run it again: the element says the same.

A closed token is on the terminals' deny list until it expires. Merchants who took one find it
there, and may take those that are closed together for one customer's. An expired one tells them
nothing.`,
		Example: "  tapbench wallet token close 0 --tsm-address 127.0.0.1:8443",
		Args:    shell.OneArg("SLOT, as \"wallet status\" numbers them"),
	}
	w := phone.AddFlags(a, cmd)
	w.AddStartFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&tsm.Name, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&tsm.Address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	cmd.RunE = withToken(a, w, func(ctx context.Context, p *phone.Phone, slot byte) error {
		server, err := p.Server(pki.RoleTSM, tsm.Name, tsm.Address)
		if err != nil {
			return err
		}
		defer server.Close()
		back, err := p.CloseToken(ctx, server, slot)
		if err != nil {
			return err
		}
		text := euros(back)
		return a.Print(map[string]string{"back": text}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "closed: %s come back\n", text)
		})
	})
	return cmd
}

// withToken runs a command with the slot of its argument, on the wallet's phone.
func withToken(
	a *shell.App, w *phone.Flags, run func(ctx context.Context, p *phone.Phone, slot byte) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		slot, err := tokenSlot(args[0])
		if err != nil {
			return err
		}
		p, err := w.Open(cmd.Context(), a, phone.NeedLaunch, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		return run(cmd.Context(), p, slot)
	}
}

func tokenSlot(text string) (byte, error) {
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n >= wire.TokenSlots {
		return 0, shell.Usagef("slot %q isn't 0 to %d", text, wire.TokenSlots-1)
	}
	return byte(n), nil
}

// euros writes minor units.
func euros(minor uint64) string {
	amount, err := money.FromUint64(minor, money.EUR)
	if err != nil {
		return fmt.Sprintf("%d minor units", minor)
	}
	return amount.String()
}

// tokenJSON is a token's last payment as it is printed.
type tokenJSON struct {
	Token    string    `json:"token"` // tokID
	Kind     string    `json:"kind"`
	Unit     uint8     `json:"unit_minor"`
	From     uint8     `json:"from"`
	To       uint8     `json:"to"`
	Ticks    uint8     `json:"ticks,omitempty"`
	Amount   string    `json:"amount"`
	Merchant string    `json:"merchant"`
	Time     time.Time `json:"time,omitzero"`
	// Statement is what the element has signed, and the merchant's receipt is for.
	Statement string `json:"statement,omitempty"`
	Signature string `json:"signature,omitempty"`
	Receipt   string `json:"receipt,omitempty"`
}

func newTokenJSON(r applet.TokenRecord) tokenJSON {
	id := r.Token.ID()
	out := tokenJSON{
		Token: hex.EncodeToString(id[:]), Kind: r.Kind.String(), Unit: r.Token.Fields.Unit,
		From: r.From, To: r.To, Ticks: r.Ticks,
	}
	if r.Kind == wire.TokenUnused {
		return out
	}
	out.Merchant, out.Time = string(r.Merchant[:]), time.Unix(int64(r.Time), 0).UTC()
	if minor, err := emv.ParseN12(r.Amount); err == nil {
		out.Amount = euros(minor)
	}
	statement := r.Spend().Digest()
	if r.Kind == wire.TokenMeter {
		statement = r.Meter().Digest()
	}
	if r.Signature != (message.Signature{}) {
		out.Statement = hex.EncodeToString(statement[:])
		out.Signature = hex.EncodeToString(r.Signature[:])
	}
	if r.Receipt != (message.Signature{}) {
		out.Receipt = hex.EncodeToString(r.Receipt[:])
	}
	return out
}

func (t tokenJSON) write(w io.Writer) {
	row := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(w, "%-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("token", "%s", t.Token)
	if t.Merchant == "" {
		row("used", "never")
		return
	}
	row("paid", "%s to %s, %s", t.Amount, strings.TrimSpace(t.Merchant),
		t.Time.Format("2006-01-02 15:04:05"))
	row("units", "%d to %d of %d (%s)", int(t.From)+1, t.To, t.Unit, t.Kind)
	if t.Kind == wire.TokenMeter.String() {
		row("ticked", "up to %d", t.Ticks)
	}
	row("signature", "%s", orNone(t.Signature))
	row("receipt", "%s", orNone(t.Receipt))
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// tokenStatus is a token slot as "wallet status" prints it.
type tokenStatus struct {
	Slot  int    `json:"slot"`
	State string `json:"state"`
	Unit  string `json:"unit"`
	Left  string `json:"left"`
	Until string `json:"until,omitempty"`
}

// addTokens lists the element's token slots that aren't empty.
func (s *status) addTokens(o plan.Outlook) {
	for i, t := range o.Tokens {
		if t.State == wire.TokenEmpty {
			continue
		}
		if t.State == wire.TokenClosed {
			t.Left = 0 // it has come back, or does so with "wallet token close"
		}
		out := tokenStatus{
			Slot: i, State: tokenName(o, t), Unit: euros(uint64(t.Unit)),
			Left: euros(uint64(t.Unit) * uint64(max(0, t.Left))),
		}
		if t.Epoch != 0 {
			out.Until = epochEnd(t.Epoch)
		}
		s.Tokens = append(s.Tokens, out)
	}
}

func tokenName(o plan.Outlook, t plan.Token) string {
	switch {
	case t.State < wire.TokenReady:
		return "in the making"
	case t.State == wire.TokenClosed:
		return "closed"
	case t.Epoch < o.Epoch():
		return "expired"
	case t.State == wire.TokenReady:
		return "ready"
	default:
		return "used"
	}
}

func (s status) writeTokens(w io.Writer) {
	head := "tokens"
	for _, t := range s.Tokens {
		text := fmt.Sprintf("slot %d  %-13s %s left, by %s", t.Slot, t.State, t.Left, t.Unit)
		if t.Until != "" {
			text += ", until " + t.Until
		}
		_, _ = fmt.Fprintf(w, "%-13s %s\n", head, text)
		head = ""
	}
}

package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/dispute"
	"tapbench/backend/pki"
	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
	"tapbench/terminal"
	"tapbench/terminal/archive"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

func (a *app) newTerminal() *cobra.Command {
	cmd := &cobra.Command{Use: "terminal", Short: "The merchant's point of sale"}
	cmd.AddCommand(a.newTerminalPay())
	return cmd
}

// posFlags say which point of sale takes a payment.
type posFlags struct {
	keys     string
	folder   string
	acquirer string
	tsm      string
	terminal string
	// exchanged, if set, is told the lengths of each ISO 8583 message and its answer.
	exchanged func(mti string, sent, received int)
}

type terminalPayOptions struct {
	posFlags
	amount   string
	wait     time.Duration
	evidence string
}

func (a *app) newTerminalPay() *cobra.Command {
	var o terminalPayOptions
	cmd := &cobra.Command{
		Use:   "pay",
		Short: "Take one payment from the card on the reader",
		Long: `pay waits for a card on the reader, takes an amount from it online, and prints a receipt.
What broke off earlier is reversed first: a payment is written down in --folder before the TSM is
asked, so that a power cut loses nothing.

The card answers only if its wallet has armed it: tapbench wallet arm.`,
		Example: `  tapbench terminal pay --amount 12.50 --acquirer 127.0.0.1:8583
  tapbench terminal pay --amount 12.50 --reader ACS --json`,
		Args: noArgs,
	}
	reader := a.addReaderFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&o.amount, "amount", "", "what to take, in EUR, such as 12.50")
	f.StringVar(&o.keys, "keys", filepath.Join("pki", "merchant"), "the merchant's own `folder`")
	f.StringVar(&o.folder, "folder", "terminal", "the terminal's `folder`, with its journal")
	f.StringVar(&o.acquirer, "acquirer", "127.0.0.1:8583", "`address` where the TSM takes payments")
	f.StringVar(&o.tsm, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&o.terminal, "terminal", "POS00001", "terminal identification, up to 8 characters")
	f.DurationVar(&o.wait, "wait", 30*time.Second, "how long to wait for a card")
	f.StringVar(&o.evidence, "evidence", "", "write the merchant's proof of the payment to this `file`")
	_ = cmd.MarkFlagRequired("amount")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.terminalPay(cmd.Context(), reader, o)
	}
	return cmd
}

func (a *app) terminalPay(ctx context.Context, reader *readerFlag, o terminalPayOptions) error {
	if o.evidence != "" {
		if err := checkOutput(o.evidence, reader.record.force); err != nil {
			return err
		}
	}
	cards := func(ctx context.Context) (pcsc.Card, error) {
		wait, cancel := context.WithTimeout(ctx, o.wait)
		defer cancel()
		return reader.waitCard(wait)
	}
	observe := func(s kernel.Step) {
		if !a.json && s.Err == nil {
			a.say("  %-22s %2d APDUs %8.2f ms", s.Name, s.APDUs, milliseconds(s.Duration))
		}
	}
	pos, stop, err := a.openPOS(o.posFlags, cards, observe)
	if err != nil {
		return err
	}
	defer func() { _ = stop() }()
	receipt, err := a.takePayment(ctx, pos, o.amount)
	if err != nil {
		return err
	}
	if o.evidence != "" && receipt.Approved() {
		file := dispute.File{Payment: receipt.Evidence}
		if err := a.writeFile(o.evidence, reader.record.force, file.Write); err != nil {
			return err
		}
	}
	err = a.print(receipt, func(w io.Writer) { _, _ = fmt.Fprint(w, receipt) })
	if err == nil && !receipt.Approved() {
		err = errDeclined
	}
	return err
}

// takePayment is what "terminal pay" and the demo do.
func (a *app) takePayment(
	ctx context.Context, pos *terminal.POS, text string,
) (terminal.Receipt, error) {
	amount, err := parseAmount("--amount", text)
	if err != nil {
		return terminal.Receipt{}, err
	}
	return pos.Pay(ctx, amount)
}

// waitCard waits for a card on the chosen reader, or on any if none is named, and connects.
func (r *readerFlag) waitCard(ctx context.Context) (pcsc.Card, error) {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	reader, err := r.await(ctx, client)
	if err != nil {
		return nil, err
	}
	if r.name == "" { // of several cards one has to be named
		return r.connect(ctx)
	}
	return r.connectTo(ctx, reader.Name)
}

// noCardInTime says of a wait that ran out that there was no card.
func noCardInTime(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &pcsc.Error{Op: "waiting for a card", Err: pcsc.ErrNoCard}
	}
	return err
}

// country is where the bench's merchants are: Germany, n3 of ISO 3166-1.
func country() [2]byte { return [2]byte{0x02, 0x76} }

// openPOS opens a point of sale and returns how to close it.
func (a *app) openPOS(
	o posFlags, cards terminal.CardSourceFunc, observe func(kernel.Step),
) (*terminal.POS, func() error, error) {
	config, err := merchantConfig(o)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(o.folder, 0o700); err != nil {
		return nil, nil, fmt.Errorf("making the terminal's folder: %w", err)
	}
	disk, err := journal.OpenFile(filepath.Join(o.folder, "journal"))
	if err != nil {
		return nil, nil, err
	}
	if config.Journal, err = journal.Open(disk); err != nil {
		return nil, nil, errors.Join(err, disk.Close())
	}
	if config.Archive, err = archive.Open(filepath.Join(o.folder, "receipts")); err != nil {
		return nil, nil, errors.Join(err, disk.Close())
	}
	config.Cards, config.Observe, config.Log = cards, observe, a.log
	pos, err := terminal.Open(config)
	if err != nil {
		return nil, nil, errors.Join(err, disk.Close())
	}
	return pos, disk.Close, nil
}

// merchantConfig puts a point of sale together from the merchant's folder.
func merchantConfig(o posFlags) (terminal.Config, error) {
	c := terminal.Config{Country: country(), Now: time.Now, Rand: rand.Reader}
	party, err := openMerchant(o.keys)
	if err != nil {
		return c, err
	}
	if c.CA, c.EpochKeys, err = cardKeys(party, o.keys); err != nil {
		return c, err
	}
	if c.Merchant, err = acquirer.NewMerchant(party.ID.String() + "-SHOP"); err != nil {
		return c, err
	}
	if c.Terminal, err = acquirer.NewTerminal(o.terminal); err != nil {
		return c, &usageError{fmt.Errorf("--terminal: %w", err)}
	}
	tsm, err := peerByName(party, pki.RoleTSM, o.tsm)
	if err != nil {
		return c, err
	}
	config, err := party.ClientTLS(pki.RoleTSM, tsm.ID)
	if err != nil {
		return c, err
	}
	client := acquirer.NewClient(o.acquirer, config)
	client.Observe = o.exchanged
	c.Acquirer, c.Manage = client, client.Manage
	return c, nil
}

// openMerchant opens the merchant's own folder.
func openMerchant(folder string) (*pki.Party, error) {
	party, err := pki.OpenParty(folder, time.Now)
	if err != nil {
		return nil, err
	}
	if party.Role != pki.RoleMerchant {
		return nil, &usageError{fmt.Errorf("--keys %s is the folder of a %s", folder, party.Role)}
	}
	return party, nil
}

// cardKeys returns what a terminal knows the TSM's cards by.
func cardKeys(
	party *pki.Party, folder string,
) (ca message.PublicKey, epochs []message.Certificate, err error) {
	compact, err := party.OpenCompact(folder)
	if err != nil {
		return ca, nil, err
	}
	authority, err := party.Authority()
	if err != nil {
		return ca, nil, err
	}
	return authority.Sign, []message.Certificate{compact.Epoch}, nil
}

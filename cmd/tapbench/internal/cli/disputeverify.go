package cli

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
	"tapbench/backend/money"
)

type disputeVerifyOptions struct{ ca, log string }

func (a *app) newDisputeVerify() *cobra.Command {
	var o disputeVerifyOptions
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Verify evidence, an outcome or a log with the CA's public key alone",
		Long: `verify needs no network and no secret: the file and the CA's signing certificate. Of evidence
it says what was paid; of an outcome also who signed it, after each link of the chain was checked:

  the card       signed by the TSM's key of that epoch
  the payment    signed by the card's key
  the openings   signed by TSM and bank, of this payment, for one judge
  roll           the card's key, signed by the TSM account
  commitment     the TSM account, opened
  BINFO          the commitment, signed by the bank account ID
  aid-key/-bind  the bank account ID, signed by the element and by the user
  the user       certified by the CA

and of a log that it is whole; with --log FILE that an outcome's opening stands in that log. A
refusal names the link and exits with 4.`,
		Example: `  tapbench dispute verify payment.json
  tapbench dispute verify outcome.json --log tsm-log.json --json`,
		Args: oneFile,
		RunE: func(_ *cobra.Command, args []string) error { return a.disputeVerify(args[0], o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.ca, "ca", filepath.Join("pki", "public", "ca.sign.crt"),
		"the CA's signing certificate, a PEM `file`")
	f.StringVar(&o.log, "log", "", "a log's `file`, which must hold the outcome's opening")
	return cmd
}

func (a *app) disputeVerify(path string, o disputeVerifyOptions) error {
	ca, err := readSigner(o.ca)
	if err != nil {
		return err
	}
	file, err := readDispute(path)
	if err != nil {
		return err
	}
	if o.log != "" && file.Outcome == nil {
		return &usageError{fmt.Errorf("--log is for an outcome, and %s isn't one", path)}
	}
	switch {
	case file.Payment != nil:
		if err := file.Payment.Verify(ca); err != nil {
			return &verificationError{err}
		}
		v := paymentOf(*file.Payment)
		return a.print(v, v.write)
	case file.Log != nil:
		if err := file.Log.Verify(ca); err != nil {
			return &verificationError{err}
		}
		return a.printLog(*file.Log)
	}
	verdict, err := file.Outcome.Verify(ca)
	if err != nil {
		return &verificationError{err}
	}
	if o.log != "" {
		if err := checkLogged(o.log, *file.Outcome, ca); err != nil {
			return err
		}
	}
	return a.printVerdict(*file.Outcome, verdict)
}

// checkLogged checks that one of an outcome's openings stands in a log.
func checkLogged(path string, o dispute.Outcome, ca message.PublicKey) error {
	file, err := readDispute(path)
	if err != nil {
		return err
	}
	if file.Log == nil {
		return &usageError{fmt.Errorf("--log %s isn't a log", path)}
	}
	if err := file.Log.Verify(ca); err != nil {
		return &verificationError{err}
	}
	if !file.Log.Holds(o.TSM.Entry) && !file.Log.Holds(o.Bank.Entry) {
		return &verificationError{fmt.Errorf("%w: the outcome's opening isn't in %s",
			dispute.ErrLog, path)}
	}
	return nil
}

// readSigner reads the public key of a party's signing certificate.
func readSigner(path string) (message.PublicKey, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return message.PublicKey{}, fmt.Errorf("reading the CA's certificate: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return message.PublicKey{}, fmt.Errorf("reading the CA's certificate: %s isn't PEM", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return message.PublicKey{}, fmt.Errorf("reading the CA's certificate: %s: %w", path, err)
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return message.PublicKey{}, fmt.Errorf("reading the CA's certificate: %s isn't ECDSA", path)
	}
	return message.NewPublicKey(key)
}

// paymentJSON is what evidence says, as --json prints it.
type paymentJSON struct {
	ID       string `json:"payment"`
	Amount   string `json:"amount"`
	Date     string `json:"date"`
	Merchant string `json:"merchant"`
	TSM      string `json:"tsm"`
	PAN      string `json:"pan"` // masked
}

func paymentOf(p dispute.Payment) paymentJSON {
	v := paymentJSON{
		ID: hex.EncodeToString(hash(p)), Merchant: strings.TrimSpace(string(p.Tap.Merchant[:])),
		TSM: strings.TrimSpace(p.Epoch.Subject.String()),
	}
	if date, err := p.Date(); err == nil {
		v.Date = date.Format("2006-01-02")
	}
	if code, err := money.ParseN3(p.Tap.Currency); err == nil {
		if amount, err := money.ParseN12(p.Tap.Amount[:], code); err == nil {
			v.Amount = code.Code() + " " + amount.Decimal()
		}
	}
	if pan, err := emv.ParsePAN(p.Card.PAN[:]); err == nil {
		v.PAN = pan.String()
	}
	return v
}

func hash(p dispute.Payment) []byte {
	sum := p.Sum()
	return sum[:]
}

func (v paymentJSON) write(w io.Writer) {
	writeVerdictRow(w, "payment", v.ID)
	writeVerdictRow(w, "amount", v.Amount)
	writeVerdictRow(w, "date", v.Date)
	writeVerdictRow(w, "merchant", v.Merchant)
	writeVerdictRow(w, "card", v.PAN)
	writeVerdictRow(w, "TSM", v.TSM)
}

// printVerdict prints what an outcome proves.
func (a *app) printVerdict(o dispute.Outcome, v dispute.Verdict) error {
	paid := paymentOf(o.Payment)
	out := struct {
		paymentJSON
		User  string `json:"user"`
		Bank  string `json:"bank"`
		Judge string `json:"judge"`
		TID   string `json:"tsm_account"`
		Entry uint64 `json:"tsm_log_entry"`
		Other uint64 `json:"bank_log_entry"`
	}{
		paid, v.User.String(), v.Bank.String(), v.Judge.String(), v.TID.String(),
		o.TSM.Entry.Number, o.Bank.Entry.Number,
	}
	return a.print(out, func(w io.Writer) {
		paid.write(w)
		writeVerdictRow(w, "account", out.TID)
		writeVerdictRow(w, "bank", out.Bank)
		writeVerdictRow(w, "opened", fmt.Sprintf("for %s: entry %d of the TSM's log, %d of the bank's",
			out.Judge, out.Entry, out.Other))
		writeVerdictRow(w, "signed by", out.User)
	})
}

// printLog prints a log.
func (a *app) printLog(l dispute.Log) error {
	type entry struct {
		Number  uint64 `json:"number"`
		Judge   string `json:"judge"`
		Subject string `json:"subject"`
		Handle  string `json:"handle"`
	}
	party := "TSM"
	if l.Certificate.Type == wire.CertBankSign {
		party = "bank"
	}
	out := struct {
		Party   string  `json:"party"`
		Role    string  `json:"role"`
		Entries []entry `json:"entries"`
	}{strings.TrimSpace(l.Certificate.Subject.String()), party, []entry{}}
	for _, e := range l.Entries {
		out.Entries = append(out.Entries, entry{
			e.Number, e.Judge.String(), hex.EncodeToString(e.Subject[:]), hex.EncodeToString(e.Handle[:]),
		})
	}
	return a.print(out, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%s %s: %d openings, a whole chain\n", party, out.Party, len(l.Entries))
		for _, e := range out.Entries {
			_, _ = fmt.Fprintf(w, "%6d  %s  %.16s…  handle %.16s…\n", e.Number, e.Judge, e.Subject, e.Handle)
		}
	})
}

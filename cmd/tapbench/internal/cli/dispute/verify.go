package dispute

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

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/verdict"
)

type verifyOptions struct{ ca, tsm, log string }

func newVerify(a *shell.App) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Verify evidence, an outcome or a log with public keys alone",
		Long: `verify needs no network and no secret: the file and one public key. That is the CA's, and the
TSM's for evidence about an offline token: a payment, or units spent twice. Of evidence it says what
was paid, or what was done twice; of an outcome also who did it, after each link was checked:

  the card       signed by the TSM's key of that epoch, or the token by the TSM's own
  the payment    signed by the card's key, or by the token's
  spent twice    two statements of the token's key that an honest element never signs both
  the openings   signed by TSM and bank, of this subject, for one judge
  roll           the card's or the token's key, signed by the TSM account
  commitment     the TSM account, opened
  BINFO          the commitment, signed by the bank account ID
  aid-key/-bind  the bank account ID, signed by the element and by the user
  the user       certified by the CA

and of a log that it is whole; with --log FILE that an outcome's opening stands in that log. A
refusal names the link and exits with 4.`,
		Example: `  tapbench dispute verify payment.json
  tapbench dispute verify twice.json --tsm pki/public/tsm.sign.crt
  tapbench dispute verify outcome.json --log tsm-log.json --json`,
		Args: shell.Takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error { return verify(a, args[0], o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.ca, "ca", filepath.Join("pki", "public", "ca.sign.crt"),
		"the CA's signing certificate, a PEM `file`")
	f.StringVar(&o.tsm, "tsm", filepath.Join("pki", "public", "tsm.sign.crt"),
		"the TSM's signing certificate, a PEM `file`: for evidence about a token")
	f.StringVar(&o.log, "log", "", "a log's `file`, which must hold the outcome's opening")
	return cmd
}

func verify(a *shell.App, path string, o verifyOptions) error {
	file, err := readDispute(path)
	if err != nil {
		return err
	}
	if o.log != "" && file.Outcome == nil {
		return shell.Usagef("--log is for an outcome, and %s isn't one", path)
	}
	signer := o.ca
	if file.Subject != nil && offline(file.Subject) {
		signer = o.tsm
	}
	key, err := readSigner(signer)
	if err != nil {
		return err
	}
	switch {
	case file.Subject != nil:
		return printEvidence(a, file.Subject, key)
	case file.Log != nil:
		if err := file.Log.Verify(key); err != nil {
			return shell.Refused(err)
		}
		return printLog(a, *file.Log)
	}
	return printOutcomeOf(a, *file.Outcome, o.log, key)
}

// printEvidence verifies evidence by one public key and prints what it proves.
func printEvidence(a *shell.App, s dispute.Subject, key message.PublicKey) error {
	if err := verifySubject(s, key); err != nil {
		return shell.Refused(err)
	}
	v := verdict.SubjectOf(s, verdict.TwiceOf(s))
	return a.Print(v, v.Write)
}

// offline says whether evidence is about a token, so that the TSM's key verifies it, not the CA's.
func offline(s dispute.Subject) bool {
	_, card := s.(dispute.Payment)
	return !card
}

// verifySubject verifies evidence by the CA's key, or by the TSM's if it is about a token.
func verifySubject(s dispute.Subject, key message.PublicKey) error {
	switch s := s.(type) {
	case dispute.Payment:
		return s.Verify(key)
	case dispute.OfflinePayment:
		return s.Verify(key)
	case dispute.DoubleSpend:
		_, err := s.Check(key)
		return err
	default:
		return dispute.ErrFormat
	}
}

// printOutcomeOf verifies an outcome, and that a log holds it if one is named, and prints it.
func printOutcomeOf(a *shell.App, o dispute.Outcome, log string, ca message.PublicKey) error {
	verdict, err := o.Verify(ca)
	if err != nil {
		return shell.Refused(err)
	}
	if log != "" {
		if err := checkLogged(log, o, ca); err != nil {
			return err
		}
	}
	return printVerdict(a, o, verdict)
}

// checkLogged checks that one of an outcome's openings stands in a log.
func checkLogged(path string, o dispute.Outcome, ca message.PublicKey) error {
	file, err := readDispute(path)
	if err != nil {
		return err
	}
	if file.Log == nil {
		return shell.Usagef("--log %s isn't a log", path)
	}
	if err := file.Log.Verify(ca); err != nil {
		return shell.Refused(err)
	}
	if !file.Log.Holds(o.TSM.Entry) && !file.Log.Holds(o.Bank.Entry) {
		return shell.Refused(fmt.Errorf("%w: the outcome's opening isn't in %s",
			dispute.ErrLog, path))
	}
	return nil
}

// readSigner reads the public key of a party's signing certificate.
func readSigner(path string) (message.PublicKey, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return message.PublicKey{}, fmt.Errorf("reading a public key: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return message.PublicKey{}, fmt.Errorf("reading a public key: %s isn't PEM", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return message.PublicKey{}, fmt.Errorf("reading a public key: %s: %w", path, err)
	}
	key, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return message.PublicKey{}, fmt.Errorf("reading a public key: %s isn't ECDSA", path)
	}
	return message.NewPublicKey(key)
}

// printVerdict prints what an outcome proves.
func printVerdict(a *shell.App, o dispute.Outcome, v dispute.Verdict) error {
	disputed := verdict.SubjectOf(o.Subject, verdict.TwiceOf(o.Subject))
	out := struct {
		verdict.Subject
		User  string `json:"user"`
		Bank  string `json:"bank"`
		Judge string `json:"judge"`
		TID   string `json:"tsm_account"`
		Entry uint64 `json:"tsm_log_entry"`
		Other uint64 `json:"bank_log_entry"`
	}{
		disputed, v.User.String(), v.Bank.String(), v.Judge.String(), v.TID.String(),
		o.TSM.Entry.Number, o.Bank.Entry.Number,
	}
	return a.Print(out, func(w io.Writer) {
		disputed.Write(w)
		verdict.WriteRow(w, "account", out.TID)
		verdict.WriteRow(w, "bank", out.Bank)
		verdict.WriteRow(w, "opened", fmt.Sprintf("for %s: entry %d of the TSM's log, %d of the bank's",
			out.Judge, out.Entry, out.Other))
		if out.Double != "" {
			verdict.WriteRow(w, "spent by", out.User)
		} else {
			verdict.WriteRow(w, "signed by", out.User)
		}
	})
}

// printLog prints a log.
func printLog(a *shell.App, l dispute.Log) error {
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
	return a.Print(out, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%s %s: %d openings, a whole chain\n", party, out.Party, len(l.Entries))
		for _, e := range out.Entries {
			_, _ = fmt.Fprintf(w, "%6d  %s  %.16s…  handle %.16s…\n", e.Number, e.Judge, e.Subject, e.Handle)
		}
	})
}

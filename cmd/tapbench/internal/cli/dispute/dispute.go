package dispute

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/client"
	"tapbench/backend/dispute"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// New returns the command "dispute".
func New(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dispute",
		Short: "Find out who signed a payment or spent twice, and prove it",
		Long: `dispute is the judge's desk. "terminal pay --evidence FILE" gives a merchant his proof of a
payment, which names nobody. "dispute open" has the TSM and then the bank open it, each its own
part, signed and written to its log; "dispute verify" follows the whole chain from the payment to
the person with the CA's public key alone, without a network, and takes no party's word for it. The
proof that units of an offline token were spent twice goes the same way.`,
	}
	cmd.AddCommand(newOpen(a), newVerify(a), newLog(a))
	return cmd
}

// judgeFlags say who the judge is and where the parties are.
type judgeFlags struct {
	keys  string
	tsm   phone.ServerFlags
	banks []string
}

func (j *judgeFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&j.keys, "keys", filepath.Join("pki", "judge"), "the judge's own `folder`")
	f.StringVar(&j.tsm.Name, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&j.tsm.Address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	f.StringSliceVar(&j.banks, "bank", nil, "a bank as `NAME=ADDRESS`, such as bank-a=127.0.0.1:8441")
}

// party opens the judge's folder.
func (j *judgeFlags) party() (*pki.Party, error) {
	p, err := pki.OpenParty(j.keys, time.Now)
	if err != nil {
		return nil, err
	}
	if p.Role != pki.RoleJudge {
		return nil, shell.Usagef("--keys %s is the folder of a %s, not of a judge",
			j.keys, p.Role)
	}
	return p, nil
}

// call returns a client of a party.
func call(p *pki.Party, role pki.Role, id message.PartyID, address string) (*client.Client, error) {
	config, err := p.ClientTLS(role, id)
	if err != nil {
		return nil, err
	}
	return client.New(address, config), nil
}

// bankAddress returns where a bank listens.
func (j *judgeFlags) bankAddress(p *pki.Party, id message.PartyID) (string, error) {
	for _, text := range j.banks {
		name, address, ok := strings.Cut(text, "=")
		if !ok {
			return "", shell.Usagef("--bank %q isn't NAME=ADDRESS", text)
		}
		bank, err := parties.Peer(p, pki.RoleBank, name)
		if err != nil {
			return "", err
		}
		if bank.ID == id {
			return address, nil
		}
	}
	for _, bank := range p.PeersOf(pki.RoleBank) {
		if bank.ID == id {
			return "", shell.Usagef("the TSM says that %s has to open it: where does it "+
				"listen? Name it with --bank %s=ADDRESS", bank.Name, bank.Name)
		}
	}
	return "", fmt.Errorf("%w: bank %s, which the TSM names", pki.ErrNoPeer, id)
}

type openOptions struct {
	judgeFlags
	evidence, out string
	force         bool
}

func newOpen(a *shell.App) *cobra.Command {
	var o openOptions
	cmd := &cobra.Command{
		Use:   "open",
		Short: "Have TSM and bank open a disputed payment or a double spend",
		Long: `open checks the evidence, has the TSM open it to a TSM account and the commitment that a bank
has funded, and has that bank open the commitment to a person. Evidence is a payment, with a card or
offline with a token, or the proof that units of a token were spent twice. The TSM isn't told whose
it is, and the bank is told of a handle and nothing of the payment. Both log what they have opened
before they tell it. The outcome is verified before it is written; asked again, both give their
first answer.`,
		Example: `  tapbench terminal pay --amount 12.50 --evidence payment.json
  tapbench dispute open --evidence payment.json --out outcome.json \
      --tsm-address 127.0.0.1:8443 --bank bank-a=127.0.0.1:8441
  tapbench dispute verify outcome.json`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return open(cmd.Context(), a, o) },
	}
	o.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.evidence, "evidence", "",
		"`file` that \"terminal pay --evidence\" or the TSM wrote")
	f.StringVar(&o.out, "out", "", "write the outcome to this `file`")
	f.BoolVar(&o.force, "force", false, "replace the file if it is there already")
	_ = cmd.MarkFlagRequired("evidence")
	return cmd
}

func open(ctx context.Context, a *shell.App, o openOptions) error {
	if o.out != "" {
		if err := shell.CheckOutput(o.out, o.force); err != nil {
			return err
		}
	}
	file, err := readDispute(o.evidence)
	if err != nil {
		return err
	}
	if file.Subject == nil {
		return shell.Usagef("--evidence %s holds neither a payment nor a double spend",
			o.evidence)
	}
	judge, err := o.party()
	if err != nil {
		return err
	}
	ca, err := judge.Authority()
	if err != nil {
		return err
	}
	tsm, err := parties.Peer(judge, pki.RoleTSM, o.tsm.Name)
	if err != nil {
		return err
	}
	key := ca.Sign
	if offline(file.Subject) {
		key = tsm.Sign
	}
	if err := verifySubject(file.Subject, key); err != nil {
		return shell.Refused(err)
	}
	outcome, err := o.open(ctx, judge, tsm, file.Subject, ca.Sign)
	if err != nil {
		return err
	}
	verdict, err := outcome.Verify(ca.Sign)
	if err != nil {
		return shell.Refused(err)
	}
	if o.out != "" {
		err := a.WriteFile(o.out, o.force, dispute.File{Outcome: &outcome}.Write)
		if err != nil {
			return err
		}
	}
	return printVerdict(a, outcome, verdict)
}

// open asks the TSM and then the bank that it names.
func (o *openOptions) open(
	ctx context.Context, judge *pki.Party, peer pki.Peer, s dispute.Subject, ca message.PublicKey,
) (dispute.Outcome, error) {
	out := dispute.Outcome{Subject: s}
	tsm, err := call(judge, pki.RoleTSM, peer.ID, o.tsm.Address)
	if err != nil {
		return out, err
	}
	defer tsm.Close()
	var first api.Opening
	err = tsm.Post(ctx, api.PathOpenPayment,
		api.OpenPaymentRequest{Payment: s.Encode()}, &first)
	if err != nil {
		return out, fmt.Errorf("having the TSM open it: %w", err)
	}
	if out.TSM, err = dispute.ParseTSMOpening(first); err != nil {
		return out, err
	}
	if err := dispute.VerifyTSMOpening(s, out.TSM, ca); err != nil {
		return out, shell.Refused(err)
	}
	address, err := o.bankAddress(judge, out.TSM.Entry.Bank)
	if err != nil {
		return out, err
	}
	bank, err := call(judge, pki.RoleBank, out.TSM.Entry.Bank, address)
	if err != nil {
		return out, err
	}
	defer bank.Close()
	var second api.Opening
	err = bank.Post(ctx, api.PathOpenFunding,
		api.OpenFundingRequest{Head: first.Head, Signature: first.Signature}, &second)
	if err != nil {
		return out, fmt.Errorf("having the bank open it: %w", err)
	}
	out.Bank, err = dispute.ParseBankOpening(second)
	return out, err
}

// readDispute reads a file of a dispute.
func readDispute(path string) (dispute.File, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return dispute.File{}, fmt.Errorf("opening a dispute's file: %w", err)
	}
	defer func() { _ = file.Close() }()
	f, err := dispute.Read(file)
	if err != nil {
		return f, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

type logOptions struct {
	judgeFlags
	party string
	out   string
	force bool
}

func newLog(a *shell.App) *cobra.Command {
	var o logOptions
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Fetch and verify all openings that a party has logged",
		Long: `log fetches the log of openings of the TSM or of a bank and verifies it: signed by that
party, without gaps, each entry naming the one before. "dispute verify FILE" does the last again.`,
		Example: `  tapbench dispute log --party tsm --tsm-address 127.0.0.1:8443 --out tsm-log.json
  tapbench dispute log --party bank-a --bank bank-a=127.0.0.1:8441`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return log(cmd.Context(), a, o) },
	}
	o.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.party, "party", "tsm", "`name` of the TSM or of a bank")
	f.StringVar(&o.out, "out", "", "write the log to this `file`")
	f.BoolVar(&o.force, "force", false, "replace the file if it is there already")
	return cmd
}

func log(ctx context.Context, a *shell.App, o logOptions) error {
	if o.out != "" {
		if err := shell.CheckOutput(o.out, o.force); err != nil {
			return err
		}
	}
	judge, err := o.judgeFlags.party()
	if err != nil {
		return err
	}
	server, err := o.server(judge)
	if err != nil {
		return err
	}
	defer server.Close()
	log, err := fetchLog(ctx, server)
	if err != nil {
		return err
	}
	ca, err := judge.Authority()
	if err != nil {
		return err
	}
	if err := log.Verify(ca.Sign); err != nil {
		return shell.Refused(err)
	}
	if o.out != "" {
		if err := a.WriteFile(o.out, o.force, dispute.File{Log: &log}.Write); err != nil {
			return err
		}
	}
	return printLog(a, log)
}

// server returns a client of the party whose log it is.
func (o *logOptions) server(judge *pki.Party) (*client.Client, error) {
	if o.party == o.tsm.Name {
		peer, err := parties.Peer(judge, pki.RoleTSM, o.tsm.Name)
		if err != nil {
			return nil, err
		}
		return call(judge, pki.RoleTSM, peer.ID, o.tsm.Address)
	}
	peer, err := parties.Peer(judge, pki.RoleBank, o.party)
	if err != nil {
		return nil, err
	}
	address, err := o.bankAddress(judge, peer.ID)
	if err != nil {
		return nil, err
	}
	return call(judge, pki.RoleBank, peer.ID, address)
}

// errEndlessLog means that a party's log doesn't end where it says.
var errEndlessLog = errors.New("the log doesn't come in order")

// fetchLog fetches a log page by page.
func fetchLog(ctx context.Context, server *client.Client) (dispute.Log, error) {
	var log dispute.Log
	for {
		var page api.OpeningsResponse
		after := uint64(len(log.Entries))
		err := server.Post(ctx, api.PathOpenings, api.OpeningsRequest{After: after}, &page)
		if err != nil {
			return log, fmt.Errorf("fetching the log: %w", err)
		}
		next, err := dispute.ParseLog(page)
		if err != nil {
			return log, err
		}
		log.Certificate = next.Certificate
		log.Entries = append(log.Entries, next.Entries...)
		if len(next.Entries) < api.MaxOpenings {
			return log, nil
		}
		if last := log.Entries[len(log.Entries)-1]; last.Number != uint64(len(log.Entries)) {
			return log, errEndlessLog
		}
	}
}

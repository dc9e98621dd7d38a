package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/lookback"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/cmd/tapbench/internal/received"
	"tapbench/pcsc"
	"tapbench/terminal/settle"
)

type demoOptions struct {
	bench    *testbed.Flags
	se       string
	link     string
	payments int
	amount   string
	card     string
	offline  string // fast or mutual: the payments are taken without the backend; empty: with it
	report   string
	force    bool
	record   device.RecordFlags
	model    *device.ModelFlags
}

func newDemo(a *shell.App) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show one payment of the whole system as it happens",
		Long: `demo starts a private bench in one folder: a pcscd of its own with a virtual reader, a
swtpm, two banks and a TSM as processes of their own. Then a user opens accounts, registers
anonymously and gets one-show cards, and a merchant takes a payment over the reader. It prints each
message, every balance and what each party's files hold, and removes everything that it made.

The steps are those of the role commands (wallet, terminal, bank, tsm), composed. What each party
has learned is what "tapbench audit" finds; a bench that is kept has all that it looked at.

With --offline the backend goes down before the payments and comes up again after them: the cards
pay by offline tokens, which the terminal judges alone, and the merchant claims them from the TSM
afterwards. With --offline=mutual the merchant proves who it is before the card shows its token.

With --reader-model and --model the whole of it runs behind a model of a reader and at the pace of a
real card (docs/reader-models.md). With --fault and --fault-rate exchanges go wrong, and you see
what a payment makes of it.

--report writes all of it as one page that needs no network: who sent what to whom, every tap's
dialogue decoded byte by byte, the balances, and who learned what.`,
		Example: `  tapbench demo
  tapbench demo --payments 3 --json
  tapbench demo --link process
  tapbench demo --offline
  tapbench demo --reader-model acr1252u --model j3r180
  tapbench demo --report demo.html
  tapbench demo --se reader:ACS --keep my-bench`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.force = o.record.Force
			return demo(cmd.Context(), a, o)
		},
	}
	o.bench = testbed.AddFlags(cmd)
	o.bench.AddBind(cmd)
	o.model = device.AddModel(cmd)
	f := cmd.Flags()
	f.StringVar(&o.se, "se", device.SEEmulator,
		"which secure element: emulator, jcardsim or reader:`NAME`")
	f.StringVar(&o.link, "link", testbed.LinkPCSCD,
		"how it is reached: pcscd, or process (in memory, no pcscd)")
	f.IntVar(&o.payments, "payments", 1, "how many payments, 1 to 8")
	f.StringVar(&o.amount, "amount", "12.50", "amount of each payment, in EUR")
	f.StringVar(&o.offline, "offline", "", "take the payments without the backend: fast or mutual")
	f.Lookup("offline").NoOptDefVal = offlineFast
	_ = cmd.RegisterFlagCompletionFunc("offline", cobra.FixedCompletions(
		[]string{offlineFast, offlineMutual}, cobra.ShellCompDirectiveNoFileComp))
	shell.AddCardKind(cmd, &o.card, wire.CardOneShow.String(), "`kind` of card")
	f.StringVar(&o.report, "report", "", "write a page about all of it to this `FILE`")
	o.record.AddTraceFlags(f)
	_ = cmd.RegisterFlagCompletionFunc("se", cobra.FixedCompletions(
		[]string{device.SEEmulator, device.SEJCardSim, device.SEReader}, cobra.ShellCompDirectiveNoSpace))
	_ = cmd.RegisterFlagCompletionFunc("link", cobra.FixedCompletions(
		[]string{testbed.LinkPCSCD, testbed.LinkProcess}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// check refuses flags that don't fit.
func (o demoOptions) check() error {
	reader, isReader := strings.CutPrefix(o.se, "reader:")
	switch {
	case o.payments < 1 || o.payments > wire.CardSlots:
		return shell.Usagef("--payments %d isn't 1 to %d", o.payments, wire.CardSlots)
	case o.link != testbed.LinkPCSCD && o.link != testbed.LinkProcess:
		return shell.Usagef("--link %q is neither pcscd nor process", o.link)
	case !device.RunsHere(o.se) && (!isReader || reader == ""):
		return shell.Usagef("--se %q is neither emulator, jcardsim nor reader:NAME", o.se)
	case isReader && o.link == testbed.LinkProcess:
		return shell.Usagef("--link process has no readers; leave --se out")
	}
	if err := o.model.Check(o.se); err != nil {
		return err
	}
	if err := o.checkOffline(); err != nil {
		return err
	}
	if _, err := shell.ParseCardKind("--card", o.card); err != nil {
		return err
	}
	if err := o.checkFiles(); err != nil {
		return err
	}
	_, err := shell.ParseAmount("--amount", o.amount)
	return err
}

// demoResult is what a demo shows.
type demoResult struct {
	Link     string    `json:"link"`
	SE       string    `json:"se"`
	Steps    []step    `json:"steps"`
	Payments []payment `json:"payments"`
	// Settled is what the TSM has paid of what was taken offline.
	Settled  *settle.Done       `json:"settled,omitempty"`
	Balances []lookback.Balance `json:"balances"`
	Trial    int64              `json:"trial_balance"`
	Agree    bool               `json:"escrows_agree"`
	Learned  []learned          `json:"learned"`
	Findings []string           `json:"audit_findings"`
}

// payment is one tap and what came of it.
type payment struct {
	Amount   string  `json:"amount"`
	Currency string  `json:"currency"`
	Outcome  string  `json:"outcome"`
	APDUs    int     `json:"apdus"`
	MS       float64 `json:"ms"`
}

// demoRun is a demo under way.
type demoRun struct {
	*shell.App
	o       demoOptions
	dir     string
	keys    string
	bed     *bench.Bed
	servers bench.BackendConfig
	backend *bench.Backend
	time    *timeline
	result  demoResult
	timed   *timedCard // set to measure the card
	// recording is where the dialogue with the card is recorded, or nil.
	recording *device.Recording
	report    *demoReport
	// heard are the records of what wallet and merchant receive.
	heard map[string]*received.Recorder
}

const demoBanks = 2

// stores are the names of the servers' stores, in the order in which they are shown.
func (d *demoRun) stores() []string { return append(d.banks(), "tsm") }

func (d *demoRun) banks() []string {
	var names []string
	for i := range demoBanks {
		names = append(names, "bank-"+string(rune('a'+i)))
	}
	return names
}

func demo(ctx context.Context, a *shell.App, o demoOptions) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	dir, remove, err := o.bench.Folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	d := &demoRun{App: a, o: o, dir: dir, keys: filepath.Join(dir, "pki"), time: &timeline{}}
	d.result = demoResult{Link: o.link, SE: o.se, Payments: []payment{}}
	if !a.JSON {
		d.time.out, d.time.color = a.Out, a.Styled
	}
	if o.report != "" {
		d.report = &demoReport{}
	}
	if o.record.Path != "" {
		if d.recording, err = device.OpenRecording(a, o.record, device.OriginTapbench); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.recording.Close()) }()
	}
	if err := d.run(ctx); err != nil {
		return err
	}
	if err := d.writeReport(); err != nil {
		return err
	}
	if err := a.Print(d.result, d.write); err != nil {
		return err
	}
	for _, p := range d.result.Payments {
		if p.Outcome != outcomeApproved {
			return shell.ErrDeclined
		}
	}
	if len(d.result.Findings) > 0 {
		return shell.Refused(lookback.ErrAudit)
	}
	return nil
}

// run starts the bench, lets everything happen, ends it, and looks at what was left.
func (d *demoRun) run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.start(ctx); err != nil {
		return err
	}
	if err := d.phone(ctx); err != nil {
		return err
	}
	pay := d.pay
	if d.o.offline != "" {
		pay = d.payOffline
	}
	if err := pay(ctx); err != nil {
		return err
	}
	if err := d.stop(); err != nil {
		return err
	}
	return d.lookBack(ctx)
}

// start starts bed and backend.
func (d *demoRun) start(ctx context.Context) error {
	var err error
	if d.bed,
		err = testbed.Start(ctx, d.App, d.dir, d.o.bench, d.o.link, d.o.se, d.o.model); err != nil {
		return err
	}
	if _, err := parties.Init(d.App, parties.InitOptions{Dir: d.keys, Banks: demoBanks}); err != nil {
		return err
	}
	roots, _, err := d.bed.TPM.EKRoots()
	if err != nil {
		return err
	}
	if err := d.listen(); err != nil {
		return err
	}
	if d.bed.Reader != nil && d.bed.Reader.Socket() != "" {
		// The client library reads it once, at its first call.
		if err := os.Setenv("PCSCLITE_CSOCK_NAME", d.bed.Reader.Socket()); err != nil {
			return fmt.Errorf("naming the private pcscd: %w", err)
		}
	}
	if d.o.bench.Bind { // its card was laid on the reader last
		if err := bench.Ask(ctx, d.bed.Question()); err != nil {
			return err
		}
	}
	d.servers = bench.BackendConfig{
		Dir: d.dir, PKI: d.keys, Banks: d.banks(), EKRoots: roots, Record: true,
		CardKinds: []string{d.o.card},
	}
	d.backend, err = bench.StartBackend(ctx, d.servers)
	return err
}

// listen opens the records of the two parties that are no servers.
func (d *demoRun) listen() (err error) {
	d.heard = make(map[string]*received.Recorder)
	for _, name := range []string{string(pki.RoleWallet), string(pki.RoleMerchant)} {
		path := bench.BackendConfig{Dir: d.dir}.Received(name)
		if d.heard[name], err = received.Create(path); err != nil {
			return err
		}
	}
	return nil
}

func (d *demoRun) stop() error {
	var all []error
	for _, r := range d.heard {
		all = append(all, r.Close())
	}
	d.heard = nil
	if d.backend != nil {
		all = append(all, d.backend.Stop())
	}
	if d.bed != nil {
		all = append(all, d.bed.Stop())
	}
	return errors.Join(all...)
}

// card connects to the secure element.
func (d *demoRun) card(ctx context.Context) (pcsc.Card, error) {
	card, reader, err := d.connect(ctx)
	if err != nil || d.recording == nil {
		return card, err
	}
	return d.recording.Wrap(ctx, card, reader)
}

// connect connects to the secure element and returns the reader's name, if there is a reader.
func (d *demoRun) connect(ctx context.Context) (card pcsc.Card, reader string, err error) {
	if d.o.link == testbed.LinkProcess {
		if d.timed != nil {
			return pcsc.NewDirect(d.timed), "", nil
		}
		return pcsc.NewDirect(d.bed.Card), "", nil
	}
	name, ok := strings.CutPrefix(d.o.se, "reader:")
	if !ok {
		name = d.bed.Reader.ReaderName(0)
	}
	return device.ConnectBare(ctx, name)
}

// openPhone opens the demo's phone; observe prints its messages.
func (d *demoRun) openPhone(ctx context.Context, desk bool) (*phone.Phone, error) {
	card, err := d.card(ctx)
	if err != nil {
		return nil, err
	}
	c := phone.Config{
		Folder: filepath.Join(d.dir, "wallet"), PKI: d.keys, List: d.bed.List, Desk: desk,
		Card: card, Observe: d.time.observe, Received: d.heard[string(pki.RoleWallet)],
		TPM: &device.TPMFlag{App: d.App, Where: "unix:" + d.bed.TPM.Socket()},
	}
	if d.o.bench.Bind {
		c.Bind = &device.BindFlag{Handle: device.IndexName(device.WalletIndex), TPM: c.TPM}
	}
	return phone.Open(ctx, c)
}

// phone is the user's part: accounts at both banks, one TSM account, one batch of cards.
func (d *demoRun) phone(ctx context.Context) error {
	p, err := d.openPhone(ctx, true)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }()
	user := "user-" + strings.ToLower(rand.Text()[:8])
	for _, name := range d.banks() {
		d.time.begin("phases 0 to 2: account, phone and account ID at "+name, p.Counter)
		err := phone.OpenAccount(ctx, p, phone.AccountOptions{
			Bank: phone.ServerFlags{Name: name, Address: d.backend.Banks[name].Listening}, User: user,
			Deposit: "200.00", Limit: "100.00", Keys: d.keys,
			Release: &phone.ReleaseFlags{Policy: api.PolicyLocal},
		})
		if err != nil {
			return err
		}
	}
	tsm := phone.ServerFlags{Name: "tsm", Address: d.backend.TSM.Listening}
	d.time.begin("phase 3: anonymous TSM account, paid from "+d.banks()[0], p.Counter)
	err = phone.Register(ctx, p, phone.RegisterOptions{TSM: tsm, Bank: d.banks()[0]})
	if err != nil {
		return err
	}
	title := "phase 4: " + d.o.card + " cards"
	if d.o.tokens() > 0 {
		title += " and offline tokens"
	}
	d.time.begin(title, p.Counter)
	_, _, err = phone.Refill(ctx, p, phone.RefillOptions{
		TSM: tsm, Cards: wire.CardSlots, Tokens: d.o.tokens(), Card: d.o.card,
	})
	return err
}

// lookBack reads what the parties' files hold, after all of them have ended.
func (d *demoRun) lookBack(ctx context.Context) error {
	b, err := lookback.ReadBooks(ctx, d.dir, d.keys, d.stores())
	if err != nil {
		return err
	}
	audited, err := lookback.Audit(ctx, d.dir)
	d.result.Steps, d.result.Balances = d.time.steps, b.Balances
	d.result.Trial, d.result.Agree, d.result.Learned = b.Trial, b.Agree, whoLearned(audited)
	d.result.Findings = findings(audited)
	if err == nil && (b.Trial != 0 || !b.Agree) {
		err = fmt.Errorf("the books don't balance: trial balance %d, escrows agree: %t", b.Trial, b.Agree)
	}
	return err
}

// write prints what follows the timeline.
func (d *demoRun) write(w io.Writer) {
	if s := d.result.Settled; s != nil {
		_, _ = fmt.Fprintln(w)
		pos.WriteSettled(w, *s)
	}
	b := lookback.Books{Balances: d.result.Balances, Trial: d.result.Trial, Agree: d.result.Agree}
	b.Write(w)
	writeLearned(w, d.result)
	if d.o.bench.Keep != "" {
		_, _ = fmt.Fprintf(w, "\nkept: %s\n", d.dir)
	}
}

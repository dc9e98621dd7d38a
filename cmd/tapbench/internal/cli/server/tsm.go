package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/client"
	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/backend/service"
	"tapbench/backend/tsm"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/received"
)

// NewTSM returns the command "tsm".
func NewTSM(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{Use: "tsm", Short: "The trusted service manager"}
	cmd.AddCommand(newTSMServe(a), newTSMAccounts(a), newTSMEvidence(a), newTSMReturn(a))
	return cmd
}

type tsmServeOptions struct {
	keys      string
	store     string
	listen    string
	acquirer  string
	banks     []string
	cardLimit string
	cardKinds []string
	limits    []string
	received  string // file that gets what the TSM is sent, or empty
	every     time.Duration
}

func newTSMServe(a *shell.App) *cobra.Command {
	var o tsmServeOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the TSM until interrupted: HTTPS for wallets, ISO 8583 for merchants",
		Long: `serve runs the trusted service manager: it registers anonymous accounts that banks fund,
issues cards and authorises payments. --card-kinds is its published policy: one-show cards, of which
nobody links two payments; or one card until expiry, whose payments all who see it can link, and
whose limit holds for all of them together. At its start and then every so often it settles what
is due: it asks the banks again about fundings whose answer was lost, draws whole lots once a day,
pays merchants for their closed days and offline claims, and returns what is left of accounts whose
last epoch has ended three days ago.

On the address for wallets it also takes merchants' batches of offline claims, which are signed, and
gives terminals the list of tokens to refuse.

What it knows is in one file, which no second process can open, or in a PostgreSQL database:
--store postgres://user@host:5432/tsm, or a Unix socket's folder as in
postgres://user@/tsm?host=/run/postgresql. The password comes from PGPASSWORD or ~/.pgpass.

When it answers it prints one JSON line with its two addresses.`,
		Example: `  tapbench tsm serve --keys pki/tsm --store tsm.db --listen 127.0.0.1:8443 \
      --acquirer 127.0.0.1:8583 --bank bank-a=127.0.0.1:8441`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return tsmServe(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.keys, "keys", "pki/tsm", "the TSM's own `folder`, made by pki init")
	f.StringVar(&o.store, "store", "tsm.db", "the TSM's `file`, or a PostgreSQL database's URL")
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "`address` for wallets; port 0 takes a free one")
	f.StringVar(&o.acquirer, "acquirer", "127.0.0.1:0", "`address` for merchants")
	f.StringSliceVar(&o.banks, "bank", nil, "a bank as `NAME=ADDRESS`, such as bank-a=127.0.0.1:8441")
	addLimitsFlag(cmd, &o.limits)
	addReceivedFlag(cmd, &o.received)
	f.StringVar(&o.cardLimit, "card-limit", "50.00",
		"limit of every card, in EUR; of --limits those above it are offered")
	f.StringSliceVar(&o.cardKinds, "card-kinds", shell.CardKinds()[:1],
		"the `kinds` of card that are issued: one-show, until-expiry")
	_ = cmd.RegisterFlagCompletionFunc("card-kinds", cobra.FixedCompletions(
		shell.CardKinds(), cobra.ShellCompDirectiveNoFileComp))
	f.DurationVar(&o.every, "every", time.Minute, "how often to look for what is due")
	return cmd
}

func tsmServe(ctx context.Context, a *shell.App, o tsmServeOptions) (err error) {
	if o.every <= 0 {
		return shell.Usagef("--every %v isn't longer than nothing", o.every)
	}
	p, err := openServer(o.keys, pki.RoleTSM)
	if err != nil {
		return err
	}
	if p.received, err = openReceived(o.received); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.received.Close()) }()
	config, err := tsmConfig(p, o)
	if err != nil {
		return err
	}
	s, err := parties.OpenStore(ctx, o.store, p.Party)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	config.DB = s
	t, err := tsm.New(ctx, config)
	if err != nil {
		return err
	}
	l, err := listen(ctx, o.listen)
	if err != nil {
		return err
	}
	merchants, err := listen(ctx, o.acquirer)
	if err != nil {
		_ = l.Close()
		return err
	}
	return serveTSM(ctx, a, p, t, o.every, l, merchants)
}

// serveTSM runs both faces and what the TSM does by itself; when one ends, all end.
func serveTSM(
	ctx context.Context, a *shell.App, p party, t *tsm.TSM, every time.Duration, wallets,
	merchants net.Listener,
) error {
	mux := service.NewMux(a.Log)
	mux.Record(p.received.Add)
	t.Handle(mux, p.identify(pki.RoleJudge))
	err := announce(a, bench.Ready{
		Listening: wallets.Addr().String(), Acquirer: merchants.Addr().String(),
	})
	if err != nil {
		return err
	}
	both, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() {
		ended <- service.Serve(both, wallets, p.ServerTLS(pki.AskClients, pki.RoleJudge), mux)
	}()
	go func() { ended <- serveAcquirer(both, a, p, t, merchants) }()
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		settleEvery(both, a, t, every)
	}()
	err = <-ended
	cancel()
	if second := <-ended; err == nil {
		err = second
	}
	<-settled
	return benign(ctx, err)
}

// accountLimits are the limits that a TSM publishes: those above a card's, since an account of
// another one would get no cards.
func accountLimits(texts []string, card money.Amount) ([]money.Amount, error) {
	limits, err := parseLimits(texts)
	if err != nil {
		return nil, err
	}
	limits = slices.DeleteFunc(limits, func(a money.Amount) bool {
		return a.Uint64() <= card.Uint64()
	})
	if len(limits) == 0 {
		return nil, shell.Usagef("none of --limits is above --card-limit %s: no account "+
			"would get cards", card.Decimal())
	}
	return limits, nil
}

// tsmConfig puts a TSM together from its folder.
func tsmConfig(p party, o tsmServeOptions) (tsm.Config, error) {
	c := tsm.Config{
		ID: p.ID, SignKey: p.Sign.Reveal(), KEMKey: p.KEM.Reveal(),
		EpochKey: p.compact.EpochKey.Reveal(), Sign: p.compact.Sign, KEM: p.compact.KEM,
		Epoch: p.compact.Epoch, CAKey: p.ca.Sign, Banks: make(map[message.PartyID]tsm.Bank), Now: time.Now,
	}
	var err error
	if c.CardLimit, err = money.Parse(o.cardLimit, money.EUR); err != nil {
		return c, shell.Usagef("--card-limit: %w", err)
	}
	for _, text := range o.cardKinds {
		kind, err := shell.ParseCardKind("--card-kinds", text)
		if err != nil {
			return c, err
		}
		c.Cards = append(c.Cards, kind)
	}
	if c.Limits, err = accountLimits(o.limits, c.CardLimit); err != nil {
		return c, err
	}
	for _, text := range o.banks {
		name, address, ok := strings.Cut(text, "=")
		if !ok {
			return c, shell.Usagef("--bank %q isn't NAME=ADDRESS", text)
		}
		bank, err := parties.Peer(p.Party, pki.RoleBank, name)
		if err != nil {
			return c, err
		}
		config, err := p.ClientTLS(pki.RoleBank, bank.ID)
		if err != nil {
			return c, err
		}
		caller := client.New(address, config)
		caller.Received = p.received.Add
		c.Banks[bank.ID] = tsm.Bank{Key: bank.Sign, Caller: caller}
	}
	if len(c.Banks) == 0 {
		return c, shell.Usagef("--bank is missing: which banks fund accounts?")
	}
	return c, nil
}

// serveAcquirer runs the merchants' face.
func serveAcquirer(ctx context.Context, a *shell.App, p party, t *tsm.TSM, l net.Listener) error {
	return acquirer.Serve(ctx, l, acquirer.ServerConfig{
		Decider: t, TLS: p.ServerTLS(pki.RequireClients, pki.RoleMerchant), Log: a.Log,
		Received: func(raw []byte) { p.received.Add(received.AtISO8583, raw) },
		Identify: func(state *tls.ConnectionState) (message.PartyID, error) {
			return p.Caller(state, pki.RoleMerchant)
		},
	})
}

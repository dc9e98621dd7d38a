package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/wire"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/wallet"
	"tapbench/wallet/plan"
)

// policyFlags are the flags that say when a wallet acts.
type policyFlags struct {
	plan.Policy
	floor string
}

func addPolicyFlags(cmd *cobra.Command) *policyFlags {
	p := &policyFlags{Policy: plan.DefaultPolicy()}
	f := cmd.Flags()
	f.IntVar(&p.Threshold, "threshold", p.Threshold, "refill when fewer `cards` than this are ready")
	f.StringVar(&p.floor, "floor", "10.00", "go on with another account below this rest, in EUR")
	f.DurationVar(&p.Window, "window", p.Window, "register and renew this long after an epoch's start")
	f.DurationVar(&p.Slot, "slot", p.Slot, "refill at one instant in each `time` of this length")
	f.DurationVar(&p.ArmTimeout, "arm-timeout", p.ArmTimeout, "how long a consent lasts")
	return p
}

func (p *policyFlags) policy() (plan.Policy, error) {
	floor, err := shell.ParseAmount("--floor", p.floor)
	if err != nil {
		return p.Policy, err
	}
	p.Floor = floor.Uint64()
	wrong := ""
	switch {
	case p.Threshold < 1 || p.Threshold > wire.CardSlots:
		wrong = fmt.Sprintf("--threshold %d isn't 1 to %d", p.Threshold, wire.CardSlots)
	case p.Window < time.Second:
		wrong = fmt.Sprintf("--window %v is shorter than a second", p.Window)
	case p.Slot < time.Second:
		wrong = fmt.Sprintf("--slot %v is shorter than a second", p.Slot)
	case p.ArmTimeout < time.Second:
		wrong = fmt.Sprintf("--arm-timeout %v is shorter than a second", p.ArmTimeout)
	}
	if wrong != "" {
		return p.Policy, shell.Usage(errors.New(wrong))
	}
	return p.Policy, nil
}

type runOptions struct {
	tsm         phone.ServerFlags
	banks       []string
	poll, retry time.Duration
	once        bool
	card        string
}

func newRun(a *shell.App) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Keep the phone ready: refill, renew, register ahead of need, disarm",
		Long: `run keeps the phone ready until it is interrupted. It looks at the element every --poll and
carries out what is due:

  disarm     a consent that is older than --arm-timeout
  free       a TSM account that has expired; its slot can be used again
  close      an account whose closing was broken off
  renew      a bank account ID that ends with this epoch; needs --tpm and the bank's address
  refill     fewer than --threshold cards are ready, or cards end with this epoch; or the card until
             expiry, of which one is enough, has less than --floor left of its limit
  register   a bank account from which no TSM account is paid yet

No payment triggers what a server hears of. Cards are refilled at one random instant in each --slot,
renewed and accounts registered at one in the --window after an epoch's start; the instants are
drawn from the wallet's own seed, long before. A payment only decides whether there is something to
do at the next one. Wallets that use other values than the defaults can be told apart by it.

Between two looks the card is free for other programs. A server that doesn't answer is tried again
after --retry, then after longer and longer waits up to an hour. Registering needs --tpm. --once is
for a timer of your own: the call stands for the instant, so don't make it after a payment.

Standard output has a line for each thing that happens; with --json an object.`,
		Example: `  tapbench wallet run --tsm-address 127.0.0.1:8443
  tapbench wallet run --threshold 6 --json
  tapbench wallet run --once`,
		Args: shell.NoArgs,
	}
	w, p := phone.AddFlags(a, cmd), addPolicyFlags(cmd)
	w.AddStartFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.tsm.Name, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&o.tsm.Address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	f.StringArrayVar(&o.banks, "bank", nil,
		"a bank as `NAME=ADDRESS`, such as bank-a=127.0.0.1:8441; again for one more")
	shell.AddCardKind(cmd, &o.card, "", "`kind` of card, if not the one that was used before")
	f.DurationVar(&o.poll, "poll", 30*time.Second, "how often to look at the element")
	f.DurationVar(&o.retry, "retry", 10*time.Second, "first wait after a failure")
	f.BoolVar(&o.once, "once", false, "do what is due now, and end")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		policy, err := p.policy()
		if err != nil {
			return err
		}
		if o.card != "" {
			if _, err := shell.ParseCardKind("--card", o.card); err != nil {
				return err
			}
		}
		if o.poll <= 0 || o.retry <= 0 {
			return shell.Usagef("--poll and --retry are longer than nothing")
		}
		k := keeper(a, w, o, policy)
		if o.once {
			return k.Once(cmd.Context())
		}
		return k.Run(cmd.Context())
	}
	return cmd
}

// keeper opens the phone for each look and each step, and closes it again.
func keeper(a *shell.App, w *phone.Flags, o runOptions, policy plan.Policy) wallet.Keeper {
	return wallet.Keeper{
		Look: func(ctx context.Context) (_ plan.Outlook, _ plan.Schedule, err error) {
			p, err := w.Open(ctx, a, phone.NeedNothing, false)
			if err != nil {
				return plan.Outlook{}, plan.Schedule{}, err
			}
			defer func() { err = errors.Join(err, p.Close()) }()
			if err := p.UseKind(o.card); err != nil {
				return plan.Outlook{}, plan.Schedule{}, err
			}
			outlook, err := p.Outlook(ctx)
			if err != nil {
				return plan.Outlook{}, plan.Schedule{}, err
			}
			schedule, err := p.Schedule()
			return outlook, schedule, err
		},
		Carry: func(ctx context.Context, step plan.Step) (_ string, err error) {
			proof := phone.NeedLaunch
			switch step.Act {
			case plan.Register, plan.Resume, plan.Renew:
				proof = phone.NeedTPM
			case plan.Disarm, plan.Tell:
				proof = phone.NeedNothing
			case plan.Refill, plan.Free, plan.Close:
			}
			p, err := w.Open(ctx, a, proof, false)
			if err != nil {
				return "", err
			}
			defer func() { err = errors.Join(err, p.Close()) }()
			tsm, err := p.Server(pki.RoleTSM, o.tsm.Name, o.tsm.Address)
			if err != nil {
				return "", err
			}
			defer tsm.Close()
			banks := bankLines{phone: p, flags: o.banks}
			defer banks.Close()
			return p.Carry(ctx, wallet.Servers{TSM: tsm, Bank: banks.Bank}, step, policy)
		},
		Policy: policy, Poll: o.poll, Retry: o.retry, Jitter: rand.Float64,
		Report: func(e wallet.Event) { reportKeeping(a, e) },
		Busy: func(err error) bool {
			return errors.Is(err, pcsc.ErrSharing) || errors.Is(err, wallet.ErrInUse)
		},
	}
}

// keepingJSON is an event as it is printed.
type keepingJSON struct {
	Event string     `json:"event"`
	Act   plan.Act   `json:"act,omitempty"`
	Why   string     `json:"why,omitempty"`
	Text  string     `json:"text,omitempty"`
	Error string     `json:"error,omitempty"`
	At    *time.Time `json:"at,omitempty"`
}

// reportKeeping prints what happens, as it happens.
func reportKeeping(a *shell.App, e wallet.Event) {
	if a.JSON {
		out := keepingJSON{
			Event: string(e.Kind), Act: e.Step.Act, Why: e.Step.Why, Text: e.Text,
		}
		if e.Err != nil {
			out.Error = e.Err.Error()
		}
		if !e.At.IsZero() {
			at := e.At.UTC().Truncate(time.Second)
			out.At = &at
		}
		if err := json.NewEncoder(a.Out).Encode(out); err != nil {
			a.Log.Warn().Err(err).Msg("printing an event")
		}
		return
	}
	line := ""
	switch e.Kind {
	case wallet.EventDone:
		line = fmt.Sprintf("%s: %s (%s)", e.Step.Act, e.Text, e.Step.Why)
	case wallet.EventTold:
		line = "note: " + e.Text
	case wallet.EventNext:
		line = fmt.Sprintf("next: %s (%s)", nextText(e.Step), e.Step.Why)
	case wallet.EventFailed:
		what := string(e.Step.Act)
		if what == "" {
			what = "looking at the phone"
		}
		line = fmt.Sprintf("failed: %s: %v; again at %s", what, e.Err, clock(e.At))
		if hint := shell.Hint(e.Err); hint != "" {
			line += "\n  " + hint
		}
	}
	_, _ = fmt.Fprintln(a.Out, line)
}

// nextText says what happens next, and when.
func nextText(s plan.Step) string {
	text := fmt.Sprintf("%s at %s", s.Act, clock(s.At))
	if s.Act == plan.Register || s.Act == plan.Renew {
		text = fmt.Sprintf("%s with %s at %s", s.Act, s.Bank, clock(s.At))
	}
	return text
}

// clock writes a time of the wallet's, to the second.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

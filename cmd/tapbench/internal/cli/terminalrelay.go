package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tapbench/terminal/kernel/relay"
)

// relayFlags say what a terminal does against relays. The zero value is the default.
type relayFlags struct {
	mode  string
	grace time.Duration
}

func (o *relayFlags) add(cmd *cobra.Command, f *pflag.FlagSet) {
	f.StringVar(&o.mode, "relay", relay.Required.String(),
		"measure how far away a card is: required, on (cards that can) or off")
	f.DurationVar(&o.grace, "relay-grace", relay.Grace,
		"how much longer than it says a card may take to answer")
	_ = cmd.RegisterFlagCompletionFunc("relay", cobra.FixedCompletions(relay.Modes(),
		cobra.ShellCompDirectiveNoFileComp))
}

func (o relayFlags) policy() (p relay.Policy, err error) {
	if o == (relayFlags{}) {
		return p, nil
	}
	if p.Mode, err = relay.ParseMode(o.mode); err != nil {
		return p, &usageError{fmt.Errorf("--relay: %w", err)}
	}
	if o.grace < 0 {
		return p, &usageError{errors.New("--relay-grace isn't negative")}
	}
	p.Limits = relay.Default()
	p.Limits.MaxGrace = o.grace
	return p, nil
}

package pos

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/kernel/relay"
)

// graceVariable is what --relay-grace is where it isn't given: a machine on which much else runs
// lets its cards wait.
const graceVariable = "TAPBENCH_RELAY_GRACE"

// relayFlags say what a terminal does against relays. The zero value is the default.
type relayFlags struct {
	mode  string
	grace time.Duration
}

// AddRelayFlags adds --relay and --relay-grace.
func AddRelayFlags(a *shell.App, o *relayFlags, cmd *cobra.Command, f *pflag.FlagSet) {
	grace, _ := relayGrace(a) // RelayPolicy says what is wrong with it
	f.StringVar(&o.mode, "relay", relay.Required.String(),
		"measure how far away a card is: required, on (cards that can) or off")
	f.DurationVar(&o.grace, "relay-grace", grace,
		"how much longer than it says a card may take to answer ("+graceVariable+")")
	_ = cmd.RegisterFlagCompletionFunc("relay", cobra.FixedCompletions(relay.Modes(),
		cobra.ShellCompDirectiveNoFileComp))
}

// relayGrace returns the default of --relay-grace.
func relayGrace(a *shell.App) (time.Duration, error) {
	text := a.Getenv(graceVariable)
	if text == "" {
		return relay.Grace, nil
	}
	grace, err := time.ParseDuration(text)
	if err != nil || grace < 0 {
		return relay.Grace, shell.Usagef("%s is a time such as 50ms, not %.32q", graceVariable, text)
	}
	return grace, nil
}

// RelayPolicy returns what the flags ask for.
func RelayPolicy(a *shell.App, o relayFlags) (p relay.Policy, err error) {
	p.Limits = relay.Default()
	if p.Limits.MaxGrace, err = relayGrace(a); err != nil || o == (relayFlags{}) {
		return p, err
	}
	if p.Mode, err = relay.ParseMode(o.mode); err != nil {
		return p, shell.Usagef("--relay: %w", err)
	}
	if o.grace < 0 {
		return p, shell.Usagef("--relay-grace isn't negative")
	}
	p.Limits.MaxGrace = o.grace
	return p, nil
}

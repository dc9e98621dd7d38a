package device

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tapbench/applet/emulator"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/pcsc/link"
)

// ModelFlags say what lies between a card and its host, and how long the card takes.
type ModelFlags struct {
	model   string
	card    string
	faults  []string
	rate    int // of drawn faults, per mille
	seed    uint64
	flags   *pflag.FlagSet
	noDelay bool

	Meter *emulator.Meter // counts for the card that is modelled; nil: none is
}

// AddModel adds --reader-model, --model, --fault, --fault-rate, --fault-seed and --no-delays.
func AddModel(cmd *cobra.Command) *ModelFlags {
	m := new(ModelFlags)
	f := cmd.Flags()
	f.StringVar(&m.model, "reader-model", "",
		"the virtual reader behaves as one of these: "+strings.Join(link.ReaderNames(), ", "))
	f.StringVar(&m.card, "model", "",
		"the emulated card takes as long as this one: "+strings.Join(ModelNames(), ", "))
	f.StringArrayVar(&m.faults, "fault", nil,
		"what goes wrong: `KIND@EXCHANGE[:DETAIL]`, such as tear-answer@3:17; again for more")
	f.IntVar(&m.rate, "fault-rate", 0, "of a thousand exchanges so many go wrong, drawn by chance")
	f.Uint64Var(&m.seed, "fault-seed", 0,
		"the chance by which faults are drawn, to have the same ones again (default: drawn, and logged)")
	m.flags = f
	f.BoolVar(&m.noDelay, "no-delays", false, "the models take no time")
	_ = cmd.RegisterFlagCompletionFunc("reader-model", cobra.FixedCompletions(
		link.ReaderNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("model", cobra.FixedCompletions(
		ModelNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("fault", completeFault)
	return m
}

// completeFault completes a kind of fault; the number of an exchange follows.
func completeFault(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var kinds []string
	for kind := link.TearCommand; kind <= link.Drop; kind++ {
		kinds = append(kinds, kind.String()+"@")
	}
	return kinds, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// seeded says whether the seed was given.
func (m *ModelFlags) seeded() bool { return m.flags != nil && m.flags.Changed("fault-seed") }

// asked says whether there is anything between card and reader.
func (m *ModelFlags) asked() bool {
	return m.model != "" || m.card != "" || len(m.faults) > 0 || m.rate > 0
}

// Title returns the model's name in PC/SC; "" without one.
func (m *ModelFlags) Title() string {
	if r, ok := link.ReaderNamed(m.model); ok && m.model != link.Ideal {
		return r.Title
	}
	return ""
}

// Check refuses what doesn't fit to a secure element.
func (m *ModelFlags) Check(se string) error {
	switch {
	case m.asked() && !RunsHere(se):
		return shell.Usagef("--reader-model, --model and --fault: there is no such card with --se %s", se)
	case m.card != "" && se != SEEmulator:
		return shell.Usagef("--model %s: only the emulator's work is counted", m.card)
	default:
		return nil
	}
}

// Uncounted refuses --model for a card whose work isn't counted.
func (m *ModelFlags) Uncounted() error {
	if m.card != "" {
		return shell.Usagef("--model %s: an EMV card's work isn't counted; leave it out",
			m.card)
	}
	return nil
}

// config refuses what there isn't.
func (m *ModelFlags) config() (link.Config, error) {
	cfg := link.Config{Faults: link.Faults{PerMille: m.rate}}
	if m.model != "" {
		var known bool
		if cfg.Reader, known = link.ReaderNamed(m.model); !known {
			return cfg, shell.Usagef("--reader-model %q isn't one of %s", m.model,
				strings.Join(link.ReaderNames(), ", "))
		}
	}
	for _, text := range m.faults {
		fault, err := link.ParseFault(text)
		if err != nil {
			return cfg, shell.Usagef("--fault: %w", err)
		}
		cfg.Faults.Planned = append(cfg.Faults.Planned, fault)
	}
	switch {
	case m.rate < 0 || m.rate > 1000:
		return cfg, shell.Usagef("--fault-rate %d isn't 0 to 1000", m.rate)
	case m.seeded() && m.rate == 0:
		return cfg, shell.Usagef("--fault-seed: no faults are drawn without --fault-rate")
	case !m.noDelay:
		cfg.Clock = wallClock{}
	case !m.asked():
		return cfg, shell.Usagef("--no-delays: there are none without --reader-model or" +
			" --model")
	}
	return cfg, m.countFor(&cfg)
}

// countFor has the card that is modelled counted.
func (m *ModelFlags) countFor(cfg *link.Config) error {
	if m.card == "" {
		return nil
	}
	card, known := link.CardNamed(m.card)
	if !known {
		return shell.Usagef("--model %s isn't one of %s", m.card,
			strings.Join(ModelNames(), ", "))
	}
	m.Meter = new(emulator.Meter)
	cfg.Work = func() time.Duration {
		return link.Predict(card, link.Channel{}, nil, m.Meter.Latest()).Total()
	}
	return nil
}

// wallClock is a clock on which time passes.
type wallClock struct{}

// Wait returns when d is over.
func (wallClock) Wait(d time.Duration) { <-time.After(d) }

// Wrap lays a card on the model. The user is told why a card leaves, and by which seed it leaves
// again.
func (m *ModelFlags) Wrap(a *shell.App) (func(pcsc.Processor) (pcsc.Processor, error), error) {
	cfg, err := m.config()
	if err != nil || !m.asked() {
		return nil, err
	}
	if cfg.Faults.Seed = m.seed; m.rate > 0 && !m.seeded() {
		var drawn [4]byte
		_, _ = rand.Read(drawn[:]) // never fails
		cfg.Faults.Seed = uint64(binary.BigEndian.Uint32(drawn[:]))
	}
	if m.rate > 0 {
		a.Log.Warn().Uint64("fault-seed", cfg.Faults.Seed).Int("per-mille", m.rate).
			Msg("faults are drawn; the seed repeats them")
	}
	cfg.Happened = func(f link.Fault) {
		a.Log.Warn().Stringer("fault", f).Msg("an exchange goes wrong")
	}
	cfg.Ended = func(err error) { a.Log.Warn().Err(err).Msg("the card left the reader") }
	return func(card pcsc.Processor) (pcsc.Processor, error) { return link.On(card, cfg) }, nil
}

// ModelNames are the cards that --model takes.
func ModelNames() []string {
	var names []string
	for _, c := range link.Cards() {
		names = append(names, c.Name)
	}
	return names
}

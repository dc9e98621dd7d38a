package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/pcsc"
	"tapbench/pcsc/link"
)

// modelFlags say what a virtual reader is like.
type modelFlags struct {
	model   string
	faults  []string
	noDelay bool
}

// addReaderModel adds --reader-model, --fault and --no-delays.
func (a *app) addReaderModel(cmd *cobra.Command) *modelFlags {
	m := new(modelFlags)
	f := cmd.Flags()
	f.StringVar(&m.model, "reader-model", "",
		"the virtual reader behaves as one of these: "+strings.Join(link.ReaderNames(), ", "))
	f.StringArrayVar(&m.faults, "fault", nil,
		"what goes wrong: `KIND@EXCHANGE[:DETAIL]`, such as tear-answer@3:17; again for more")
	f.BoolVar(&m.noDelay, "no-delays", false, "the reader's model takes no time")
	_ = cmd.RegisterFlagCompletionFunc("reader-model", cobra.FixedCompletions(
		link.ReaderNames(), cobra.ShellCompDirectiveNoFileComp))
	return m
}

// asked says whether there is anything between card and reader.
func (m *modelFlags) asked() bool { return m.model != "" || len(m.faults) > 0 }

// title returns the model's name in PC/SC; "" without one.
func (m *modelFlags) title() string {
	if r, ok := link.ReaderNamed(m.model); ok && m.model != link.Ideal {
		return r.Title
	}
	return ""
}

// config refuses what there isn't.
func (m *modelFlags) config() (link.Config, error) {
	cfg := link.Config{}
	if m.model != "" {
		var known bool
		if cfg.Reader, known = link.ReaderNamed(m.model); !known {
			return cfg, &usageError{fmt.Errorf("--reader-model %q isn't one of %s", m.model,
				strings.Join(link.ReaderNames(), ", "))}
		}
	}
	for _, text := range m.faults {
		fault, err := link.ParseFault(text)
		if err != nil {
			return cfg, &usageError{fmt.Errorf("--fault: %w", err)}
		}
		cfg.Faults.Planned = append(cfg.Faults.Planned, fault)
	}
	if !m.noDelay {
		cfg.Clock = wallClock{}
	} else if !m.asked() {
		return cfg, &usageError{errors.New("--no-delays: there are none without --reader-model")}
	}
	return cfg, nil
}

// wallClock is a clock on which time passes.
type wallClock struct{}

// Wait returns when d is over.
func (wallClock) Wait(d time.Duration) { <-time.After(d) }

// wrap lays a card on the model. The user is told why a card leaves.
func (m *modelFlags) wrap(a *app) (func(pcsc.Processor) (pcsc.Processor, error), error) {
	cfg, err := m.config()
	if err != nil || !m.asked() {
		return nil, err
	}
	cfg.Ended = func(err error) { a.log.Warn().Err(err).Msg("the card left the reader") }
	return func(card pcsc.Processor) (pcsc.Processor, error) { return link.On(card, cfg) }, nil
}

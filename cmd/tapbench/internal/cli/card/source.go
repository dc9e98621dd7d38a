package card

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet"
	"tapbench/applet/conformance"
	"tapbench/applet/saved"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// errPersonalised means that the card has keys, and nobody said that they may go.
var errPersonalised = errors.New(
	"the card is personalised: its keys, accounts and cards would be lost")

// errNotFresh means that the card that was to be fresh has keys.
var errNotFresh = errors.New("the card still has keys")

// cardSource says where fresh cards come from: a reader whose card is made fresh by a command, or
// the simulator in this process.
type cardSource struct {
	app       *shell.App
	reader    *device.ReaderFlag
	se        string
	wipe      bool
	reinstall string

	applet  string         // folder of the compiled applet
	element *bench.Element // that this program runs; nil before the first

	name  string // of the reader, in full
	dirty bool   // the card on the reader isn't fresh
}

// seOnReader is the card on the reader, which needs no name.
const seOnReader = "reader"

// reinstallLimit bounds one run of the command that makes the card fresh.
const reinstallLimit = 5 * time.Minute

// addSource adds --reader, --se, --wipe and --reinstall.
func addSource(a *shell.App, cmd *cobra.Command) *cardSource {
	s := &cardSource{app: a, reader: device.AddPlainReader(a, cmd)}
	f := cmd.Flags()
	f.StringVar(&s.se, "se", seOnReader, "the card: reader, the one on --reader, emulator or jcardsim")
	f.BoolVar(&s.wipe, "wipe", false, "allow that everything on the card is lost")
	f.StringVar(&s.reinstall, "reinstall", a.Getenv(testbed.ReinstallVariable),
		"`command` for sh that deletes and installs the applet, so that the card has no keys")
	_ = cmd.RegisterFlagCompletionFunc("se", cobra.FixedCompletions(
		[]string{seOnReader, device.SEEmulator, device.SEJCardSim}, cobra.ShellCompDirectiveNoFileComp))
	device.AddApplet(cmd, &s.applet)
	return s
}

// check refuses flags that don't fit.
func (s *cardSource) check() error {
	switch {
	case s.se != seOnReader && !device.RunsHere(s.se):
		return shell.Usagef("--se %q is neither reader, emulator nor jcardsim", s.se)
	case device.RunsHere(s.se) && s.wipe:
		return shell.Usagef("--se %s: there is nothing to wipe", s.se)
	}
	return nil
}

// connect connects to the card as it is.
func (s *cardSource) connect(ctx context.Context) (pcsc.Card, error) {
	if device.RunsHere(s.se) {
		return s.simulated(ctx)
	}
	if err := s.resolve(ctx); err != nil {
		return nil, err
	}
	return s.reader.ConnectTo(ctx, s.name)
}

// simulated connects to a new card that this program runs.
func (s *cardSource) simulated(ctx context.Context) (pcsc.Card, error) {
	if s.element == nil {
		var err error
		s.element, err = bench.OpenElement(ctx, bench.ElementConfig{
			Applet: device.AppletOf(s.se, s.applet), Store: &saved.Memory{}, Log: s.app.Log,
		})
		if err != nil {
			return nil, err
		}
	}
	card, err := s.element.Fresh(&saved.Memory{})
	if err != nil {
		return nil, err
	}
	return pcsc.NewDirect(card), nil
}

// close ends what the cards ran in.
func (s *cardSource) close() error {
	if s.element == nil {
		return nil
	}
	return s.element.Close()
}

// resolve finds out the reader's full name, once.
func (s *cardSource) resolve(ctx context.Context) error {
	if s.name != "" {
		return nil
	}
	if s.app.Connect != nil {
		s.name = s.reader.Name
		return nil
	}
	readers, err := device.ListReaders(ctx)
	if err != nil {
		return err
	}
	chosen, err := s.reader.Choose(readers)
	s.name = chosen.Name
	return err
}

// begin looks at the card before the first case: what life it is in, whether extended length fields
// reach it, and what its platform answers. It refuses a card that mayn't be wiped.
func (s *cardSource) begin(ctx context.Context) (conformance.Caps, error) {
	if s.se == device.SEEmulator {
		return conformance.Caps{}, nil
	}
	if s.se == seOnReader && !s.wipe {
		return conformance.Caps{}, s.refusal(ctx)
	}
	card, err := s.connect(ctx)
	if err != nil {
		return conformance.Caps{}, err
	}
	defer func() { _ = card.Close() }()
	life, err := lifeOf(ctx, card)
	if err != nil {
		return conformance.Caps{}, err
	}
	s.dirty = s.se == seOnReader && s.reinstall != "" || life != wire.LifeCycleSelectable
	if s.dirty && s.reinstall == "" {
		return conformance.Caps{}, fmt.Errorf("%w; say how the applet is installed anew: --reinstall",
			errPersonalised)
	}
	extended, err := takesExtended(ctx, card)
	if err != nil {
		return conformance.Caps{}, err
	}
	platform, err := conformance.Detect(ctx, card)
	return conformance.Caps{
		NoExtended: !extended, Far: s.se == seOnReader, Slow: true, Platform: platform,
	}, err
}

// once reports that the card on the reader can't be made fresh again.
func (s *cardSource) once() bool { return s.se == seOnReader && s.reinstall == "" }

// refusal says why a card isn't touched without --wipe.
func (s *cardSource) refusal(ctx context.Context) error {
	card, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = card.Close() }()
	life, err := lifeOf(ctx, card)
	switch {
	case err != nil:
		return err
	case life == wire.LifeCycleSelectable:
		return shell.Usagef("the card would get test keys for good: allow it with --wipe")
	default:
		return fmt.Errorf("%w; allow it with --wipe", errPersonalised)
	}
}

// lifeOf asks a card for the life cycle state of its management application.
func lifeOf(ctx context.Context, card pcsc.Card) (wire.LifeCycle, error) {
	client := applet.NewClient(pcsc.NewSession(card))
	if err := client.Select(ctx); err != nil {
		return 0, err
	}
	return client.LifeCycle(ctx)
}

// takesExtended reports whether a command with an extended length field reaches the application,
// which is selected, and is answered.
func takesExtended(ctx context.Context, card pcsc.Card) (bool, error) {
	tag := uint16(wire.DataCapability)
	raw, err := apdu.Command{
		INS: byte(wire.InsGetData), P1: byte(tag >> 8), P2: byte(tag), Ne: apdu.MaxNe,
	}.Encode()
	if err != nil {
		return false, err
	}
	answer, err := card.Transmit(ctx, raw)
	if err != nil { // a reader that knows short APDUs only may say so by failing
		return false, card.Reset(ctx)
	}
	response, err := apdu.ParseResponse(answer)
	return err == nil && response.SW == wire.SWNormal, nil
}

// open connects to a fresh card. The error wraps [cardcheck.ErrNoFresh] if there can't be one.
func (s *cardSource) open(ctx context.Context) (pcsc.Card, error) {
	if device.RunsHere(s.se) {
		return s.connect(ctx)
	}
	if s.dirty {
		if err := s.makeFresh(ctx); err != nil {
			return nil, err
		}
	}
	card, err := s.reader.ConnectTo(ctx, s.name)
	if err != nil {
		return nil, err
	}
	life, err := lifeOf(ctx, card)
	if err == nil && life != wire.LifeCycleSelectable {
		err = fmt.Errorf("making the card fresh with %q: %w", s.reinstall, errNotFresh)
	}
	if err == nil {
		err = card.Reset(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, card.Close())
	}
	return &keyless{Card: card, source: s}, nil
}

// makeFresh runs the command that makes the card fresh, and waits until the reader has the card
// again.
func (s *cardSource) makeFresh(ctx context.Context) error {
	if s.reinstall == "" {
		return fmt.Errorf("%w: another one needs --reinstall", cardcheck.ErrNoFresh)
	}
	limited, cancel := context.WithTimeout(ctx, reinstallLimit)
	defer cancel()
	cmd := exec.CommandContext(limited, "sh", "-c", s.reinstall)
	cmd.Env = append(cmd.Environ(), "TAPBENCH_READER="+s.name)
	if out, err := cmd.CombinedOutput(); err != nil {
		if cause := context.Cause(limited); cause != nil {
			err = cause
		}
		return fmt.Errorf("making the card fresh with %q: %w%s", s.reinstall, err, lastLines(out))
	}
	s.dirty = false
	if s.app.Connect != nil {
		return nil
	}
	return device.WaitCards(ctx, s.name)
}

// lastLines returns the end of what a command said, for an error.
func lastLines(out []byte) string {
	const most = 3
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	return ": " + strings.Join(lines[max(0, len(lines)-most):], "; ")
}

// keyless is a fresh card, which isn't fresh any more when it has made a key.
type keyless struct {
	pcsc.Card
	source *cardSource
}

// Transmit sends a command and notes what makes keys.
func (k *keyless) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	key := []byte{byte(wire.CLAProprietary), byte(wire.InsGenerateSEKey)}
	if len(command) >= len(key) && slices.Equal(command[:len(key)], key) {
		k.source.dirty = true
	}
	return k.Card.Transmit(ctx, command)
}

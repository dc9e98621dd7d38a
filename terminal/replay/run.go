package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/compare"
	"tapbench/applet/decode"
	"tapbench/applet/emv/oda"
	"tapbench/applet/message"
	"tapbench/applet/tap"
	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/terminal/kernel"
	"tapbench/terminal/parameters"
)

// Config says what the terminal believes.
type Config struct {
	// CA and EpochKeys are how the terminal knows the TSM's cards; see kernel.Config. Without
	// EpochKeys it believes what the recorded terminal believed.
	CA        message.PublicKey
	EpochKeys []message.Certificate
	// CAKeys are how it knows somebody else's EMV cards. Without any it believes what the recorded
	// terminal believed.
	CAKeys oda.CAKeys
	// Parameters are those of the terminal that takes such cards; nil: parameters.Default.
	Parameters *parameters.Parameters
}

// maxSteps is how many steps a tap may have.
const maxSteps = 1024

// Run has the terminal take all payments of what is left of a trace. Its errors: [ErrNoTap],
// [ErrTooLong], [ErrNotKept], kernel.ErrConfig, the context's, and those of trace.Open.
func Run(ctx context.Context, steps trace.Source, c Config) (Report, error) {
	r := &runner{config: c}
	if len(c.EpochKeys) == 0 {
		var err error
		if r.signer, err = newSigner(); err != nil {
			return Report{}, err
		}
	}
	decoder := decode.New()
	for {
		step, err := steps.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.report, fmt.Errorf("reading the trace: %w", err)
		}
		if err := r.step(ctx, decoder, step); err != nil {
			return r.report, err
		}
	}
	err := r.end(ctx)
	if err == nil && len(r.report.Taps) == 0 {
		err = ErrNoTap
	}
	return r.report, err
}

// runner gathers the steps of a stretch and plays it when it has ended.
type runner struct {
	config  Config
	signer  *signer
	report  Report
	stretch tap.Stretch
	steps   []trace.Step
	count   int  // of the stretch's exchanges
	foreign bool // somebody else's card is spoken to
	begun   bool // and a payment with it was begun
}

func (r *runner) step(ctx context.Context, d *decode.Decoder, s trace.Step) error {
	switch s.Kind {
	case trace.Reset, trace.Insert:
		d.Reset()
		return r.end(ctx)
	case trace.Tear:
		return nil
	case trace.Remove:
		r.steps = append(r.steps, s)
		return r.end(ctx)
	case trace.Exchange:
		return r.exchange(ctx, d, s)
	default: // time in which nothing passed
		return nil
	}
}

// exchange takes an exchange into the stretch that it belongs to.
func (r *runner) exchange(ctx context.Context, d *decode.Decoder, s trace.Step) error {
	x := d.Exchange(zeroed(s.Command), zeroed(s.Answer))
	if !x.Continued {
		if r.stretch.EndsBefore(x.Phase) {
			if err := r.end(ctx); err != nil {
				return err
			}
		}
		r.stretch.Add(x.Phase)
	}
	r.foreign = r.foreign || x.Foreign
	r.begun = r.begun || x.Foreign && x.Phase == decode.Initiation
	r.count++
	if len(r.steps) <= maxSteps {
		r.steps = append(r.steps, s)
	}
	return nil
}

// end ends a stretch, and plays it if it is a tap.
func (r *runner) end(ctx context.Context) error {
	steps, is, count, foreign := r.steps, r.stretch.IsTap(), r.count, r.foreign
	is = is && (!foreign || r.begun)
	r.steps, r.stretch, r.count, r.foreign, r.begun = nil, tap.Stretch{}, 0, false, false
	switch {
	case !is:
		r.report.Outside += count
		return nil
	case len(steps) > maxSteps:
		return fmt.Errorf("line %d: %w: more than %d steps", steps[0].Line, ErrTooLong, maxSteps)
	}
	play := r.play
	if foreign {
		probe := probed(steps)
		steps, play = steps[probe:], r.playEMV
		count -= probe
		r.report.Outside += probe
	}
	t, err := play(ctx, steps)
	if err != nil {
		return fmt.Errorf("the tap at line %d: %w", steps[0].Line, err)
	}
	t.Exchanges = count
	r.report.Taps = append(r.report.Taps, t)
	return nil
}

// play has the kernel take one payment.
func (r *runner) play(ctx context.Context, steps []trace.Step) (Tap, error) {
	result := Tap{Line: steps[0].Line}
	for _, s := range steps {
		result.StandIns = StandIns(result.StandIns, s)
	}
	told := read(steps)
	given, err := told.terminal()
	if err != nil {
		return result, err
	}
	clock := told.clock(given.now)
	config := kernel.Config{
		Merchant: given.merchant, Country: given.country, CA: r.config.CA,
		EpochKeys: r.config.EpochKeys, Now: clock.read, Relay: told.relay.policy(),
		Rand: io.MultiReader(bytes.NewReader(given.un[:]), bytes.NewReader(told.relay.entropies)),
	}
	if r.signer != nil {
		cert, err := r.signer.certificate(message.EpochAt(given.now))
		if err != nil {
			return result, err
		}
		config.CA, config.EpochKeys = r.signer.ca, []message.Certificate{cert}
		if steps, err = r.signer.sign(steps, told, given); err != nil {
			return result, err
		}
	}
	k, err := kernel.New(config)
	if err != nil {
		return result, err
	}
	result.Difference, err = compared(ctx, steps, clock, func(card pcsc.Card) {
		result.Outcome, result.Err = k.Pay(ctx, card, told.host(),
			kernel.Purchase{Amount: given.amount})
	})
	return result, err
}

// compared plays a tap to a payment and says where the terminal left it.
func compared(
	ctx context.Context, steps []trace.Step, clock *clock, pay func(pcsc.Card),
) (*Difference, error) {
	script, err := newScript(steps)
	if err != nil {
		return nil, err
	}
	player, err := trace.NewPlayer(bytes.NewReader(script.text))
	if err != nil {
		return nil, fmt.Errorf("playing the tap: %w", err)
	}
	card := &spy{Card: player, clock: clock}
	pay(card)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return script.difference(player.Unfinished(), card.last)
}

// spy remembers the last command, and tells the clock.
type spy struct {
	pcsc.Card
	clock *clock
	last  []byte
}

// Transmit passes the command on.
func (s *spy) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	s.last = append(s.last[:0], command...)
	s.clock.sent(command)
	return s.Card.Transmit(ctx, command)
}

// script is the text of one tap. lines has for each step its line in the text and in the trace.
// removed is the text's line at which the card was taken off, or 0.
type script struct {
	text    []byte
	lines   [][2]int
	removed int
}

func newScript(steps []trace.Step) (*script, error) {
	var text bytes.Buffer
	w, err := trace.NewWriter(&text, nil)
	if err != nil {
		return nil, fmt.Errorf("playing the tap: %w", err)
	}
	s := &script{}
	for _, step := range steps {
		line := bytes.Count(text.Bytes(), []byte{'\n'}) + 1
		s.lines = append(s.lines, [2]int{line, step.Line})
		if step.Kind == trace.Remove {
			s.removed = line
		}
		step.Took = 0
		if err := w.Write(step); err != nil {
			return nil, fmt.Errorf("playing line %d: %w", step.Line, err)
		}
	}
	s.text = text.Bytes()
	return s, nil
}

// lineOf returns the trace's line for one of the text's, or 0 for one behind the last step.
func (s *script) lineOf(line int) int {
	for _, l := range s.lines {
		if l[0] == line {
			return l[1]
		}
	}
	return 0
}

// difference says where the terminal left the tap, or nil if it didn't.
func (s *script) difference(played error, last []byte) (*Difference, error) {
	if played == nil {
		return nil, nil //nolint:nilnil // no difference is no error either
	}
	mismatch := new(trace.MismatchError)
	if !errors.As(played, &mismatch) {
		return nil, fmt.Errorf("playing the tap: %w", played)
	}
	leftover := new(pcsc.Error)
	asked := !errors.As(played, &leftover) || leftover.Op != "closing"
	if !asked && mismatch.Line == s.removed {
		return nil, nil //nolint:nilnil // a card is taken off when the terminal has asked all
	}
	d := &Difference{Line: s.lineOf(mismatch.Line), What: mismatch.What}
	if d.Line == 0 {
		d.Line = s.lines[len(s.lines)-1][1]
		return d, nil
	}
	steps, err := trace.NewReader(bytes.NewReader(s.text))
	if err != nil {
		return nil, fmt.Errorf("playing the tap: %w", err)
	}
	item, elements, err := compare.Against(steps, mismatch.Line, last, nil)
	if errors.Is(err, compare.ErrNoExchange) {
		return d, nil
	}
	if err != nil {
		return nil, fmt.Errorf("playing the tap: %w", err)
	}
	d.Name, d.Header = item.Name, item.Header
	if !asked {
		return d, nil
	}
	if len(last) > 1 && last[1] == d.Header[1] {
		d.Elements = inCommand(elements)
	}
	return d, nil
}

// inCommand keeps what the terminal is answerable for.
func inCommand(elements []compare.Element) []compare.Element {
	var list []compare.Element
	for _, e := range elements {
		if e.Place == compare.InCommand && e.Verdict != compare.NotKept {
			list = append(list, e)
		}
	}
	return list
}

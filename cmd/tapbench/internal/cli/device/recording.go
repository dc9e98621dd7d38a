package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"time"

	"github.com/spf13/pflag"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/pcsc/relay"
	"tapbench/pcsc/trace"
)

// What makes a recording, in the word of its header.
const (
	OriginTapbench = "tapbench" // one of our own commands, with --trace
	OriginRecord   = "record"   // tapbench trace record
)

// RecordFlags say whether and how a dialogue with a card is written to a file.
type RecordFlags struct {
	Path       string
	unredacted bool
	Force      bool
}

// AddTraceFlags adds --trace and what belongs to it.
func (o *RecordFlags) AddTraceFlags(f *pflag.FlagSet) {
	f.StringVar(&o.Path, "trace", "", "record the dialogue with the card in this `file`")
	o.AddHow(f)
}

// AddHow adds the flags that say how a file is written.
func (o *RecordFlags) AddHow(f *pflag.FlagSet) {
	f.BoolVar(&o.unredacted, "unredacted", false,
		"record secrets, too: PINs, keys and card numbers as they are")
	f.BoolVar(&o.Force, "force", false, "replace the file if it is there already")
}

// Check refuses flags that belong to --trace where there is none.
func (o *RecordFlags) Check() error {
	if o.Path == "" && o.unredacted {
		return shell.Usagef("--unredacted belongs to --trace FILE")
	}
	return nil
}

// Recording is a trace that is being written. Each line is in the file, whole, before the command
// that it records returns: what is killed leaves a trace that can be read.
type Recording struct {
	app      *shell.App
	flags    RecordFlags
	origin   string // the header's word for what makes the file
	file     *os.File
	made     bool // the file wasn't there before
	redact   redaction
	Seat     relay.Seat
	recorder *trace.Recorder // nil before the first card
	Counted  recordCount
	warned   int // how many of the redactor's warnings were printed
}

// recordCount is what a recording holds.
type recordCount struct {
	Exchanges int `json:"exchanges"`
	Resets    int `json:"resets"`
	Removals  int `json:"removals"`
}

// OpenRecording makes the file. It holds nothing until the first card is recorded.
func OpenRecording(a *shell.App, flags RecordFlags, origin string) (*Recording, error) {
	if err := shell.CheckOutput(flags.Path, flags.Force); err != nil {
		return nil, err
	}
	how := os.O_EXCL
	if flags.Force {
		how = 0 // what is there is kept until there is a card to record
	}
	_, missing := os.Lstat(flags.Path)
	file, err := os.OpenFile(flags.Path, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if errors.Is(err, fs.ErrExist) {
		err = shell.ErrFileExists
	}
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", flags.Path, err)
	}
	if flags.unredacted {
		a.Say("tapbench: --unredacted: %s will hold all that passes, PINs, keys and card numbers"+
			" among it; give it to nobody", flags.Path)
	}
	return &Recording{
		app: a, flags: flags, origin: origin, file: file, made: missing != nil,
		redact: newRedaction(flags.unredacted),
	}, nil
}

// Wrap records a connection to a card, the first of the file or a later one. Closing what it
// returns closes the card's connection; the file stays open for the next one.
func (r *Recording) Wrap(ctx context.Context, card pcsc.Card, reader string) (pcsc.Card, error) {
	if r.recorder == nil {
		r.Seat.Take(card)
		if err := r.Begin(reader); err != nil {
			return nil, err
		}
		return &recordedCard{r, card}, nil
	}
	// The connection before was the only one and reset the card when it was closed.
	r.Seat.Take(rested{card})
	err := r.Reset(ctx)
	r.Seat.Take(card)
	return &recordedCard{r, card}, err
}

// Begin writes the header for the card on the seat.
func (r *Recording) Begin(reader string) error {
	err := r.file.Truncate(0)
	if err != nil {
		return fmt.Errorf("writing %s: %w", r.flags.Path, err)
	}
	r.recorder, err = trace.NewRecorder(&r.Seat, r.file, trace.Options{
		Header: r.header(reader), Redact: r.redact.exchange, Now: time.Now,
	})
	return err
}

// header says where the dialogue took place.
func (r *Recording) header(reader string) trace.Header {
	if !r.flags.unredacted {
		reader = withoutSerial(reader)
	}
	var header trace.Header
	if reader != "" {
		header = append(header, trace.Field{Key: trace.KeyReader, Value: reader})
	}
	return append(header,
		trace.Field{Key: trace.KeyOrigin, Value: r.origin},
		trace.Field{Key: trace.KeyRedaction, Value: r.redact.word},
	)
}

// serial is a device's serial number as pcscd puts it into a reader's name, in parentheses behind
// the name of the interface.
var serial = regexp.MustCompile(` \([^()]*\)( [0-9A-F]{2} [0-9A-F]{2})$`)

// withoutSerial takes a device's serial number out of a reader's name.
func withoutSerial(reader string) string { return serial.ReplaceAllString(reader, "$1") }

// ATR returns the card's answer to reset.
func (r *Recording) ATR() []byte { return r.recorder.ATR() }

// Protocol returns the card's protocol.
func (r *Recording) Protocol() pcsc.Protocol { return r.recorder.Protocol() }

// Transmit passes a command on and records it.
func (r *Recording) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	r.Counted.Exchanges++
	return r.recorder.Transmit(ctx, command)
}

// Reset passes a reset on and records it.
func (r *Recording) Reset(ctx context.Context) error {
	r.Counted.Resets++
	err := r.recorder.Reset(ctx)
	r.redact.reset()
	return err
}

// Note records an event.
func (r *Recording) Note(event trace.Step) error {
	if event.Kind == trace.Remove {
		r.Counted.Removals++
		r.redact.reset()
	}
	return r.recorder.Note(event)
}

// Close says what was left out and closes the file. If there was no card at all, the folder is left
// as it was.
func (r *Recording) Close() error {
	err := errors.Join(r.settle(), r.file.Close())
	if r.recorder == nil && r.made {
		err = errors.Join(err, os.Remove(r.flags.Path))
	}
	return err
}

// settle says what the redactor has to say and returns the fault that ended the recording, if there
// was one.
func (r *Recording) settle() error {
	warnings := r.redact.warnings()
	for _, warning := range warnings[r.warned:] {
		r.app.Say("tapbench: %s: %s", r.flags.Path, warning)
	}
	r.warned = len(warnings)
	if r.recorder == nil {
		return nil
	}
	if err := r.recorder.Err(); err != nil {
		return fmt.Errorf("writing %s: %w; what is in it is complete up to there", r.flags.Path, err)
	}
	return nil
}

// recordedCard is one connection of a recording.
type recordedCard struct {
	*Recording
	card pcsc.Card
}

var _ pcsc.Card = (*recordedCard)(nil)

// Close closes the connection.
func (c *recordedCard) Close() error { return errors.Join(c.card.Close(), c.settle()) }

// rested is a card whose reset has already happened.
type rested struct{ pcsc.Card }

// Reset does nothing.
func (rested) Reset(context.Context) error { return nil }

package device

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/pcscd"
	"tapbench/terminal"
)

// ReaderFlag is --reader, which every command that touches a card has.
type ReaderFlag struct {
	Name string
	// Record says where the dialogue is recorded, if at all.
	Record RecordFlags
	app    *shell.App
	file   *Recording // nil before the first card, or without --trace
}

// AddReader adds --reader and --trace.
func AddReader(a *shell.App, cmd *cobra.Command) *ReaderFlag {
	r := AddPlainReader(a, cmd)
	r.Record.AddTraceFlags(cmd.Flags())
	_ = cmd.MarkFlagFilename("trace", "apdu")
	return r
}

// AddPlainReader adds --reader alone.
func AddPlainReader(a *shell.App, cmd *cobra.Command) *ReaderFlag {
	r := &ReaderFlag{app: a}
	cmd.Flags().StringVar(&r.Name, "reader", a.Getenv("TAPBENCH_READER"),
		"`number` of the reader or an unambiguous part of its name; default: the only one with a card")
	_ = cmd.RegisterFlagCompletionFunc("reader", completeReaders)
	return r
}

func completeReaders(
	cmd *cobra.Command, _ []string, _ string,
) ([]string, cobra.ShellCompDirective) {
	readers, err := ListReaders(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	names := make([]string, len(readers))
	for i, r := range readers {
		names[i] = r.Name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// ListReaders returns the readers that PC/SC knows.
func ListReaders(ctx context.Context) ([]pcscd.Reader, error) {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	return client.Readers(ctx)
}

// errChooseReader means that --reader doesn't name exactly one reader.
var errChooseReader = errors.New("which reader?")

// Choose returns the reader that is meant: by number, by part of the name, or the only one that
// holds a card.
func (r *ReaderFlag) Choose(readers []pcscd.Reader) (pcscd.Reader, error) {
	if len(readers) == 0 {
		return pcscd.Reader{}, &pcsc.Error{Op: "choosing a reader", Err: pcsc.ErrNoReader}
	}
	if r.Name == "" {
		return onlyWithCard(readers)
	}
	if n, err := strconv.Atoi(r.Name); err == nil {
		if n < 0 || n >= len(readers) {
			return pcscd.Reader{}, shell.Usagef("%w --reader %d isn't one of:%s",
				errChooseReader, n, Choice(readers))
		}
		return readers[n], nil
	}
	var found []pcscd.Reader
	for _, reader := range readers {
		if reader.Name == r.Name {
			return reader, nil
		}
		if strings.Contains(strings.ToLower(reader.Name), strings.ToLower(r.Name)) {
			found = append(found, reader)
		}
	}
	if len(found) != 1 {
		return pcscd.Reader{}, shell.Usagef("%w --reader %q fits %d of:%s",
			errChooseReader, r.Name, len(found), Choice(readers))
	}
	return found[0], nil
}

// IsVirtual reports whether a reader is one of ours or of vpcd, by its name.
func IsVirtual(r pcscd.Reader) bool {
	return strings.HasPrefix(r.Name, daemon.DefaultReader) || strings.HasPrefix(r.Name, vpcdReader)
}

func isReal(r pcscd.Reader) bool { return !IsVirtual(r) }

// vpcdReader begins the names of the readers that vsmartcard's package sets up.
const vpcdReader = "Virtual PCD"

// onlyWithCard returns the reader that holds the only card. Beside a real reader, virtual ones have
// to be named: who bought a reader doesn't want to pay with an emulator unawares.
func onlyWithCard(readers []pcscd.Reader) (pcscd.Reader, error) {
	empty := func(r pcscd.Reader) bool { return !r.Present }
	found := slices.DeleteFunc(slices.Clone(readers), empty)
	if len(found) > 0 && slices.ContainsFunc(readers, isReal) {
		found = slices.DeleteFunc(found, IsVirtual)
		if len(found) == 0 {
			return pcscd.Reader{}, shell.Usagef(
				"%w only virtual readers hold a card, and there is a real one; name yours with --reader:%s",
				errChooseReader, Choice(readers))
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return pcscd.Reader{}, &pcsc.Error{
			Op:  "choosing a reader",
			Err: fmt.Errorf("%w; there are:%s", pcsc.ErrNoCard, Choice(readers)),
		}
	default:
		return pcscd.Reader{}, shell.Usagef("%w %d of them hold a card; name one with --reader:%s",
			errChooseReader, len(found), Choice(readers))
	}
}

// Choice lists the readers, one to a line.
func Choice(readers []pcscd.Reader) string {
	var b strings.Builder
	for i, reader := range readers {
		state := "empty"
		if reader.Present {
			state = fmt.Sprintf("card %X", reader.ATR)
		}
		_, _ = fmt.Fprintf(&b, "\n  %d  %s  (%s)", i, reader.Name, state)
	}
	return b.String()
}

// Connect connects to the card on the chosen reader, and records what passes if --trace says so.
func (r *ReaderFlag) Connect(ctx context.Context) (pcsc.Card, error) {
	return r.ConnectTo(ctx, r.Name)
}

// ConnectTo is connect with a name found out meanwhile.
func (r *ReaderFlag) ConnectTo(ctx context.Context, name string) (pcsc.Card, error) {
	if err := r.Record.Check(); err != nil {
		return nil, err
	}
	if r.Record.Path != "" && r.file == nil {
		var err error
		if r.file, err = OpenRecording(r.app, r.Record, OriginTapbench); err != nil {
			return nil, err
		}
	}
	card, reader, err := r.connectAny(ctx, name)
	switch {
	case err == nil && r.file != nil:
		recorded, err := r.file.Wrap(ctx, card, reader)
		if err != nil {
			return nil, errors.Join(err, card.Close())
		}
		return recorded, nil
	case r.file != nil && r.file.recorder == nil:
		err = errors.Join(err, r.file.Close())
		r.file = nil
	}
	return card, err
}

// connectAny is ConnectBare, or what stands for PC/SC.
func (r *ReaderFlag) connectAny(ctx context.Context, name string) (pcsc.Card, string, error) {
	if r.app.Connect == nil {
		return ConnectBare(ctx, name)
	}
	card, err := r.app.Connect(ctx, name)
	return card, name, err
}

// ConnectBare connects to the card on the reader that --reader would choose by that name, and
// returns the reader's full name, too.
func ConnectBare(ctx context.Context, name string) (pcsc.Card, string, error) {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return nil, "", err
	}
	readers, err := client.Readers(ctx)
	if err != nil {
		return nil, "", errors.Join(err, client.Close())
	}
	reader, err := (&ReaderFlag{Name: name}).Choose(readers)
	if err != nil {
		return nil, "", errors.Join(err, client.Close())
	}
	card, err := client.Connect(ctx, reader.Name, pcscd.ConnectOptions{Exclusive: true})
	if err != nil {
		return nil, "", errors.Join(err, client.Close())
	}
	return &ownedCard{Card: card, client: client}, reader.Name, nil
}

// ownedCard is a card whose Close closes its PC/SC context, too.
type ownedCard struct {
	pcsc.Card
	client *pcscd.Client
}

// Close closes the connection and the context.
func (c *ownedCard) Close() error { return errors.Join(c.Card.Close(), c.client.Close()) }

// Await waits for a card on the reader that is meant, or on any if none is named.
func (r *ReaderFlag) Await(ctx context.Context, client *pcscd.Client) (pcscd.Reader, error) {
	readers, err := client.Readers(ctx)
	if err != nil {
		return pcscd.Reader{}, err
	}
	var names []string
	if r.Name != "" || len(readers) == 0 {
		reader, err := r.Choose(readers)
		if err != nil {
			return pcscd.Reader{}, err
		}
		names = append(names, reader.Name)
	}
	reader, err := client.WaitCard(ctx, names...)
	if err != nil {
		return pcscd.Reader{}, noCardInTime(ctx, err)
	}
	return reader, nil
}

// Cards waits for a card on the reader, for so long.
func (r *ReaderFlag) Cards(wait time.Duration) terminal.CardSourceFunc {
	return func(ctx context.Context) (pcsc.Card, error) {
		limited, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		return r.waitCard(limited)
	}
}

// waitCard waits for a card on the chosen reader, or on any if none is named, and connects.
func (r *ReaderFlag) waitCard(ctx context.Context) (pcsc.Card, error) {
	if r.app.Connect != nil {
		return r.Connect(ctx)
	}
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	reader, err := r.Await(ctx, client)
	if err != nil {
		return nil, err
	}
	if r.Name == "" { // of several cards one has to be named
		return r.Connect(ctx)
	}
	return r.ConnectTo(ctx, reader.Name)
}

// noCardInTime says of a wait that ran out that there was no card.
func noCardInTime(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &pcsc.Error{Op: "waiting for a card", Err: pcsc.ErrNoCard}
	}
	return err
}

// WaitCards waits until pcscd has seen the cards on some readers.
func WaitCards(ctx context.Context, names ...string) error {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	wait, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, name := range names {
		if _, err := client.WaitCard(wait, name); err != nil {
			return err
		}
	}
	return nil
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
)

// readerFlag is --reader, which every command that touches a card has.
type readerFlag struct{ name string }

func (a *app) addReaderFlag(cmd *cobra.Command) *readerFlag {
	r := new(readerFlag)
	cmd.Flags().StringVar(&r.name, "reader", a.Getenv("TAPBENCH_READER"),
		"`number` of the reader or an unambiguous part of its name; default: the only one with a card")
	_ = cmd.RegisterFlagCompletionFunc("reader", a.completeReaders)
	return r
}

func (a *app) completeReaders(
	cmd *cobra.Command, _ []string, _ string,
) ([]string, cobra.ShellCompDirective) {
	readers, err := listReaders(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	names := make([]string, len(readers))
	for i, r := range readers {
		names[i] = r.Name
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func listReaders(ctx context.Context) ([]pcscd.Reader, error) {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	return client.Readers(ctx)
}

// errChooseReader means that --reader doesn't name exactly one reader.
var errChooseReader = errors.New("which reader?")

// choose returns the reader that is meant: by number, by part of the name, or the only one that
// holds a card.
func (r *readerFlag) choose(readers []pcscd.Reader) (pcscd.Reader, error) {
	if len(readers) == 0 {
		return pcscd.Reader{}, &pcsc.Error{Op: "choosing a reader", Err: pcsc.ErrNoReader}
	}
	if r.name == "" {
		return onlyWithCard(readers)
	}
	if n, err := strconv.Atoi(r.name); err == nil {
		if n < 0 || n >= len(readers) {
			return pcscd.Reader{}, &usageError{fmt.Errorf("%w --reader %d isn't one of:%s",
				errChooseReader, n, choice(readers))}
		}
		return readers[n], nil
	}
	var found []pcscd.Reader
	for _, reader := range readers {
		if reader.Name == r.name {
			return reader, nil
		}
		if strings.Contains(strings.ToLower(reader.Name), strings.ToLower(r.name)) {
			found = append(found, reader)
		}
	}
	if len(found) != 1 {
		return pcscd.Reader{}, &usageError{fmt.Errorf("%w --reader %q fits %d of:%s",
			errChooseReader, r.name, len(found), choice(readers))}
	}
	return found[0], nil
}

func onlyWithCard(readers []pcscd.Reader) (pcscd.Reader, error) {
	var found []pcscd.Reader
	for _, reader := range readers {
		if reader.Present {
			found = append(found, reader)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return pcscd.Reader{}, &pcsc.Error{
			Op:  "choosing a reader",
			Err: fmt.Errorf("%w; there are:%s", pcsc.ErrNoCard, choice(readers)),
		}
	default:
		return pcscd.Reader{}, &usageError{fmt.Errorf(
			"%w %d of them hold a card; name one with --reader:%s",
			errChooseReader, len(found), choice(readers))}
	}
}

// choice lists the readers, one to a line.
func choice(readers []pcscd.Reader) string {
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

// connect connects to the card on the chosen reader.
func (r *readerFlag) connect(ctx context.Context) (pcsc.Card, error) {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return nil, err
	}
	readers, err := client.Readers(ctx)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	reader, err := r.choose(readers)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	card, err := client.Connect(ctx, reader.Name, pcscd.ConnectOptions{Exclusive: true})
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return &ownedCard{Card: card, client: client}, nil
}

// ownedCard is a card whose Close closes its PC/SC context, too.
type ownedCard struct {
	pcsc.Card
	client *pcscd.Client
}

// Close closes the connection and the context.
func (c *ownedCard) Close() error { return errors.Join(c.Card.Close(), c.client.Close()) }

func (a *app) newReader() *cobra.Command {
	cmd := &cobra.Command{Use: "reader", Short: "List and watch PC/SC readers"}
	cmd.AddCommand(&cobra.Command{
		Use:     "list",
		Short:   "List the readers and the cards on them",
		Example: "  tapbench reader list\n  tapbench reader list --json",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.readerList(cmd.Context()) },
	}, &cobra.Command{
		Use:   "watch",
		Short: "Print insertions and removals as they happen, until interrupted",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.readerWatch(cmd.Context()) },
	})
	return cmd
}

// readerJSON is a reader as --json prints it.
type readerJSON struct {
	Number  int    `json:"number"`
	Name    string `json:"name"`
	Present bool   `json:"card_present"`
	ATR     string `json:"atr,omitempty"`
}

func (a *app) readerList(ctx context.Context) error {
	readers, err := listReaders(ctx)
	if err != nil {
		return err
	}
	out := make([]readerJSON, len(readers))
	for i, r := range readers {
		out[i] = readerJSON{Number: i, Name: r.Name, Present: r.Present, ATR: fmt.Sprintf("%X", r.ATR)}
	}
	if len(readers) == 0 {
		return &pcsc.Error{Op: "listing readers", Err: pcsc.ErrNoReader}
	}
	return a.print(map[string]any{"readers": out}, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, strings.TrimPrefix(choice(readers), "\n"))
	})
}

func (a *app) readerWatch(ctx context.Context) error {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	for event, err := range client.Watch(ctx) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err = a.showEvent(event); err != nil {
			return err
		}
	}
	return nil
}

// showEvent prints an event in one line, as JSON with --json.
func (a *app) showEvent(event pcscd.Event) error {
	atr := fmt.Sprintf("%X", event.Reader.ATR)
	if a.json {
		return json.NewEncoder(a.Out).Encode(struct {
			Event  string `json:"event"`
			Reader string `json:"reader"`
			ATR    string `json:"atr,omitempty"`
		}{event.Kind.String(), event.Reader.Name, atr})
	}
	_, err := fmt.Fprintf(a.Out, "%-15s %s  %s\n", event.Kind, event.Reader.Name, atr)
	return err
}

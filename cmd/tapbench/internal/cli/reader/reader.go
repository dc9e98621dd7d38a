package reader

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/pcsc/atr"
	"tapbench/pcsc/pcscd"
)

// New returns the command "reader".
func New(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{Use: "reader", Short: "List and watch PC/SC readers"}
	cmd.AddCommand(&cobra.Command{
		Use:     "list",
		Short:   "List the readers and the cards on them",
		Example: "  tapbench reader list\n  tapbench reader list --json",
		Args:    shell.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return list(cmd.Context(), a) },
	}, &cobra.Command{
		Use:   "watch",
		Short: "Print insertions and removals as they happen, until interrupted",
		Long: `watch first prints the readers and cards that are there, as added and inserted, and then what
comes and goes: readers plugged in and out, cards laid there and taken away. With --json each event
is one JSON object in a line of its own.`,
		Example: "  tapbench reader watch\n  tapbench reader watch --json | jq -r .event",
		Args:    shell.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return watch(cmd.Context(), a) },
	}, newWait(a))
	return cmd
}

func newWait(a *shell.App) *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "wait",
		Short: "Wait until a card lies on a reader, and print which",
		Example: `  tapbench reader wait && opensc-tool -a
  tapbench reader wait --reader ACS --timeout 10s`,
		Args: shell.NoArgs,
	}
	reader := device.AddPlainReader(a, cmd)
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "how long to wait (default: until interrupted)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return wait(cmd.Context(), a, reader, timeout)
	}
	return cmd
}

func wait(
	ctx context.Context, a *shell.App, r *device.ReaderFlag, timeout time.Duration,
) error {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	reader, err := r.Await(ctx, client)
	if err != nil {
		return err
	}
	return showEvent(a, pcscd.Event{Kind: pcscd.CardInserted, Reader: reader})
}

// readerJSON is a reader as --json prints it.
type readerJSON struct {
	Number  int    `json:"number"`
	Name    string `json:"name"`
	Present bool   `json:"card_present"`
	ATR     string `json:"atr,omitempty"`
	Card    string `json:"card,omitempty"`
	Virtual bool   `json:"virtual"`
}

// cardWords says in a few words what card an answer to reset belongs to, or "".
func cardWords(raw []byte) string {
	parsed, err := atr.Parse(raw)
	if err != nil {
		return ""
	}
	return parsed.String()
}

func list(ctx context.Context, a *shell.App) error {
	readers, err := device.ListReaders(ctx)
	if err != nil {
		return err
	}
	out := make([]readerJSON, len(readers))
	for i, r := range readers {
		out[i] = readerJSON{
			Number: i, Name: r.Name, Present: r.Present, ATR: fmt.Sprintf("%X", r.ATR),
			Card: cardWords(r.ATR), Virtual: device.IsVirtual(r),
		}
	}
	if len(readers) == 0 {
		return &pcsc.Error{Op: "listing readers", Err: pcsc.ErrNoReader}
	}
	return a.Print(map[string]any{"readers": out}, func(w io.Writer) {
		_, _ = fmt.Fprintln(w, strings.TrimPrefix(device.Choice(readers), "\n"))
	})
}

func watch(ctx context.Context, a *shell.App) error {
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
		if err = showEvent(a, event); err != nil {
			return err
		}
	}
	return nil
}

// showEvent prints an event in one line, as JSON with --json.
func showEvent(a *shell.App, event pcscd.Event) error {
	inserted := event.Kind == pcscd.CardInserted
	var raw []byte
	if inserted {
		raw = event.Reader.ATR
	}
	words := cardWords(raw)
	if inserted && event.Reader.Mute {
		words = "doesn't answer"
	}
	if a.JSON {
		return json.NewEncoder(a.Out).Encode(struct {
			Event  string `json:"event"`
			Reader string `json:"reader"`
			ATR    string `json:"atr,omitempty"`
			Card   string `json:"card,omitempty"`
		}{event.Kind.String(), event.Reader.Name, fmt.Sprintf("%X", raw), words})
	}
	line := fmt.Sprintf("%-15s %s", event.Kind, event.Reader.Name)
	if inserted {
		line += fmt.Sprintf("  %X  %s", raw, words)
	}
	_, err := fmt.Fprintln(a.Out, line)
	return err
}

package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/convert"
)

type convertOptions struct {
	convert.Options
	from, to string
	out      string
	force    bool
}

func newConvert(a *shell.App) *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert FILE",
		Short: "Turn logs and captures into traces, and traces into captures, dumps and Go",
		Long: `convert reads a dialogue (- for standard input) in one form and writes it in another. It
finds out the form that it reads, unless --from names it.

Forms that it reads:
  trace     the trace grammar            json    its JSON Lines form
  apdu4j    dumps of apdu4j              gppro   what GlobalPlatformPro and apdu4j print with -d
  pcscd     the log of pcscd --apdu      opensc  OpenSC's debug log, OPENSC_DEBUG=3 or more
  pcap      pcap and pcapng of ISO 14443 (link type 264), or of GSMTAP (UDP port 4729)
Forms that it writes:
  trace, json, apdu4j, go (source without imports), and pcapng as iso14443 or gsmtap

What the new form can't say is counted and said on standard error; nothing else is lost. Bytes are
converted as they stand: what was secret in a log is so in the trace. "trace record" masks.`,
		Example: `  tapbench trace convert pcscd.log -o tap.apdu
  tapbench trace convert --reader "ACS ACR122U PICC Interface 00 00" pcscd.log -o tap.apdu
  tapbench trace convert --to iso14443 tap.apdu -o tap.pcapng && wireshark tap.pcapng
  tapbench trace convert --to go --package vectors tap.apdu -o vectors/tap.go`,
		Args: shell.Takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return traceConvert(cmd.Context(), a, args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "`form` to read (default: found out)")
	f.StringVar(&o.to, "to", string(convert.Trace), "`form` to write")
	f.StringVarP(&o.out, "output", "o", "-",
		"`file` to write, whole or not at all; - is standard output")
	f.BoolVar(&o.force, "force", false, "replace the file if it is there already")
	f.StringVar(&o.Reader, "reader", "", "`name` of the reader that is meant, in a log of several")
	f.StringVar(&o.Package, "package", "vectors", "`name` of the package of Go source")
	_ = cmd.RegisterFlagCompletionFunc("from", formCompletions(convert.Readable()))
	_ = cmd.RegisterFlagCompletionFunc("to", formCompletions(convert.Writable()))
	return cmd
}

func formCompletions(forms []convert.Form) cobra.CompletionFunc {
	names := make([]cobra.Completion, len(forms))
	for i, f := range forms {
		names[i] = string(f)
	}
	return cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp)
}

// converted is what a conversion did.
type converted struct {
	From convert.Form `json:"from"`
	To   convert.Form `json:"to"`
	convert.Count
	Lost []string `json:"lost"`
}

func traceConvert(ctx context.Context, a *shell.App, path string, o convertOptions) error {
	in, err := device.OpenTrace(a, path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if a.JSON && o.out == "-" {
		return shell.Usagef("--json prints what was done: name a file with -o")
	}
	o.From = convert.Form(o.from)
	done := converted{To: convert.Form(o.to), Lost: []string{}}
	err = a.WriteFile(o.out, o.force, func(w io.Writer) error {
		source, form, err := convert.Open(in, o.Options)
		if err != nil {
			return conversionError(path, err)
		}
		done.From = form
		sink, err := convert.Create(w, done.To, source.Header(), o.Options)
		if err != nil {
			return conversionError(path, err)
		}
		if done.Count, err = convert.Copy(ctx, sink, source, nil); err != nil {
			return conversionError(path, err)
		}
		done.Lost = append(append(done.Lost, source.Losses()...), sink.Losses()...)
		return nil
	})
	if err != nil {
		return err
	}
	for _, lost := range done.Lost {
		a.Say("not carried over: %s", lost)
	}
	if o.out == "-" {
		return nil
	}
	return a.Print(done, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%s: %d exchanges, %d steps\n", o.out, done.Exchanges, done.Steps)
	})
}

// conversionError says which file is at fault, and makes a wrong form an error of usage.
func conversionError(path string, err error) error {
	if errors.Is(err, convert.ErrForm) {
		return shell.Usage(errors.New(strings.TrimSpace(err.Error())))
	}
	return device.TraceError(path, err)
}

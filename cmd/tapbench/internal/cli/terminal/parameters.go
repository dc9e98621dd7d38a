package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/decode"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/explain"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/parameters"
)

func newParameters(a *shell.App) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "parameters",
		Short: "Show what the EMV terminal is, and which applications it takes",
		Long: `parameters shows in words what the terminal tells EMV cards about itself, and how it takes
which application: the built-in parameters, or those of --terminal-config. With --json it prints a
whole file, to be changed and given back to "terminal pay --terminal-config".

docs/emv-terminal.md explains each member, docs/emv-terminal.schema.json is the JSON Schema.`,
		Example: `  tapbench terminal parameters
  tapbench terminal parameters --json >till.json`,
		Args: shell.NoArgs,
	}
	cmd.Flags().StringVar(&config, "terminal-config", "", "`file` of parameters")
	cmd.RunE = func(*cobra.Command, []string) error {
		p, err := pos.ReadParameters(config)
		if err != nil {
			return err
		}
		if a.JSON {
			raw, err := p.JSON()
			if err != nil {
				return err
			}
			_, err = a.Out.Write(raw)
			return err
		}
		writeParameters(a.Out, p)
		return nil
	}
	return cmd
}

func writeParameters(w io.Writer, p parameters.Parameters) {
	row := func(name string, tag tlv.Tag, value []byte) {
		words := decode.Words(tag, value)
		if words == "" {
			words = strings.TrimSpace(string(value))
		}
		_, _ = fmt.Fprintf(w, "%-24s %X  %s\n", name, uint32(tag), words)
	}
	t := p.Terminal
	row("type", 0x9F35, []byte{t.Type})
	row("capabilities", 0x9F33, t.Capabilities[:])
	row("additional capabilities", 0x9F40, t.Additional[:])
	row("qualifiers", 0x9F66, t.Qualifiers[:])
	row("country", 0x9F1A, t.Country[:])
	row("currency", 0x5F2A, t.Currency[:])
	row("merchant", 0x9F16, t.Merchant[:])
	for i := range p.Applications {
		writeApplication(w, &p.Applications[i], t.Currency)
	}
	_, _ = fmt.Fprintf(w, "\nrevoked certificates: %d\n", len(p.Revoked))
}

func writeApplication(w io.Writer, a *general.Application, currency [2]byte) {
	name := fmt.Sprintf("%X", a.AID)
	if a.Partial {
		name += "…"
	}
	_, _ = fmt.Fprintf(w, "\n%-24s floor limit %s, random %d%% to %d%%\n", name,
		explain.Amount(a.Limits.Floor, currency), a.Limits.Percent, a.Limits.Most)
	for _, code := range []struct {
		name string
		bits [5]byte
	}{
		{"denial", a.Codes.Denial},
		{"online", a.Codes.Online},
		{"default", a.Codes.Default},
	} {
		_, _ = fmt.Fprintf(w, "  %-22s %X\n", code.name, code.bits)
	}
}

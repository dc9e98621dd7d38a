package audit

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/cli/lookback"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/report"
)

type options struct {
	html  string
	force bool
}

// NewAudit returns the command "audit".
func NewAudit(a *shell.App) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "audit DIR",
		Short: "Say from a kept bench who has learned what, and who what he must never",
		Long: `audit searches all that each party of a kept bench holds: its store, column by column
and as a file, its other files, its log, and the messages that it has received, as they came out of
TLS. It takes the identifiers from those who have them: users, bank account IDs, TSM account IDs,
card numbers, handles, merchants, and the keys of each. Each is looked for as it is, in hexadecimal,
decimal, packed decimal and base64, one inside the other, reversed, hashed (SHA-256, SHA-1),
truncated to eight bytes, and under every key that the party holds (HMAC, CMAC, as a salt).

Five things are findings, and exit with 4:
  learned         an identifier is with a party that must never learn it
  not classified  a column or a field of a message isn't in the party's list: so no amount or time
                  comes in unseen
  join            a column of one party matches another party's, as it is or hashed, and the table
                  of joins in docs/claims.md doesn't have it
  linked          two offline tokens have a key or a signature in common, or two merchants were
                  shown one token
  marked          offline tokens of one class and epoch differ in what all should have alike

The matrix says "holds" and "sees" (in messages only) of what a party may know, "-" of what it may
and doesn't, "never" of what it must not and doesn't, and LEARNED of what it must not and does.

A bench of "tapbench demo --keep DIR" records what is received. Servers that you start yourself do
with --received DIR/received/NAME.jsonl. End the servers first.`,
		Example: `  tapbench demo --keep bench --payments 3
  tapbench audit bench
  tapbench audit bench --html audit.html
  tapbench audit bench --json`,
		Args:              shell.Takes(1, 1),
		ValidArgsFunction: shell.CompleteFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			return run(cmd.Context(), a, args[0], o)
		},
	}
	cmd.Flags().StringVar(&o.html, "html", "", "write the matrix as a page, too, to this `FILE`")
	cmd.Flags().BoolVar(&o.force, "force", false, "replace FILE if it is there")
	return cmd
}

func run(ctx context.Context, a *shell.App, dir string, o options) error {
	if o.html != "" {
		if err := shell.CheckOutput(o.html, o.force); err != nil {
			return err
		}
	} else if o.force {
		return shell.Usagef("--force goes with --html")
	}
	result, err := lookback.Audit(ctx, dir)
	if err != nil {
		return err
	}
	if o.html != "" {
		if err := a.WriteFile(o.html, o.force, page(result, a.Version).Write); err != nil {
			return err
		}
	}
	if err := a.Print(result, func(w io.Writer) { writeAudit(w, result) }); err != nil {
		return err
	}
	if !result.Clean() {
		return shell.Refused(lookback.ErrAudit)
	}
	return nil
}

// page is the audit as a page.
func page(r lookback.AuditResult, version string) *report.Audit {
	p := &report.Audit{Version: version}
	for _, k := range audit.Kinds() {
		p.Kinds = append(p.Kinds, report.AuditKind{Name: k.String(), Count: r.Secrets[k.String()]})
	}
	for _, row := range r.Rows {
		party := report.AuditParty{Name: row.Party}
		for _, k := range audit.Kinds() {
			party.Verdicts = append(party.Verdicts, string(row.Verdicts[k.String()]))
		}
		p.Parties = append(p.Parties, party)
	}
	for _, f := range r.Findings {
		p.Findings = append(p.Findings, f.String())
	}
	for _, s := range r.Shown {
		p.Shown = append(p.Shown, shownText(s))
	}
	for _, j := range r.Joins {
		p.Joins = append(p.Joins, joinText(j))
	}
	return p
}

// shownText says what a merchant knows of which offline payments are one customer's.
func shownText(s audit.Shown) string {
	text := fmt.Sprintf("%s was shown %d offline tokens in %d payments: ", s.Party, s.Tokens,
		s.Payments)
	if s.Linked == 0 {
		return text + "no two are known to be one customer's"
	}
	return text + fmt.Sprintf("%d are by tokens that were reused, those of one token by one customer",
		s.Linked)
}

func joinText(j audit.Join) string {
	return fmt.Sprintf("%s = %s (%d, %s)", j.One, j.Other, j.Values, j.How)
}

func writeAudit(w io.Writer, r lookback.AuditResult) {
	_, _ = fmt.Fprintf(w, "%-24s %4s", "who has learned what", "")
	for _, row := range r.Rows {
		_, _ = fmt.Fprintf(w, " %8s", row.Party)
	}
	_, _ = fmt.Fprintln(w)
	for _, k := range audit.Kinds() {
		_, _ = fmt.Fprintf(w, "%-24s %4d", k, r.Secrets[k.String()])
		for _, row := range r.Rows {
			_, _ = fmt.Fprintf(w, " %8s", row.Verdicts[k.String()])
		}
		_, _ = fmt.Fprintln(w)
	}
	writeAuditSize(w, r)
	if n := len(r.Joins); n > 0 {
		_, _ = fmt.Fprintf(w, "\n%d joins that docs/claims.md allows\n", n)
		for _, j := range r.Joins {
			_, _ = fmt.Fprintf(w, "  %s\n", joinText(j))
		}
	}
	for _, s := range r.Shown {
		_, _ = fmt.Fprintf(w, "\n%s\n", shownText(s))
	}
	for _, f := range r.Findings {
		_, _ = fmt.Fprintf(w, "FINDING %s: %s\n", f.Rule, f)
	}
	if r.Clean() {
		_, _ = fmt.Fprintln(w, "\nnobody has learned what he must not")
	}
}

// writeAuditSize says how much was looked for, and where.
func writeAuditSize(w io.Writer, r lookback.AuditResult) {
	var patterns, keys int
	var size int64
	for _, row := range r.Rows {
		patterns, keys, size = patterns+row.Patterns, keys+row.Keys, size+row.Bytes
	}
	_, _ = fmt.Fprintf(w, "\n%d bytes searched for %d patterns, under %d keys\n", size, patterns, keys)
	for _, k := range audit.Kinds() {
		if n := r.TooShort[k.String()]; n > 0 {
			_, _ = fmt.Fprintf(w, "not looked for, as shorter than 8 bytes: %d of kind %q\n", n, k)
		}
	}
	if len(r.Unclaimed) > 0 {
		_, _ = fmt.Fprintf(w, "not looked at, as nobody's: %s\n", strings.Join(r.Unclaimed, ", "))
	}
}

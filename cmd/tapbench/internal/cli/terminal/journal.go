package terminal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/claims"
)

// journalOptions are the flags of "terminal journal".
type journalOptions struct {
	folder, export               string
	verify, force                bool
	pending, sent, paid, refused bool
}

// errClaimsDamaged means that claims were verified and damage was found.
var errClaimsDamaged = errors.New("the terminal's claims are damaged; what was printed says where")

func newJournal(a *shell.App) *cobra.Command {
	var o journalOptions
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "List, verify or export the claims taken offline",
		Long: `journal lists the claims that the terminal took offline and what they have come to. It
changes nothing. They lie in the folder "claims" of --folder.

With --verify it reads every byte and says where one isn't as it was written; the exit code is then
4. The end of a write that power cut isn't damage: nobody was told that it is kept.
docs/store-and-forward.md has the format and the rules.`,
		Example: `  tapbench terminal journal --pending
  tapbench terminal journal --verify --json
  tapbench terminal journal --export claims.jsonl`,
		Args: shell.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&o.folder, "folder", "terminal", "the terminal's `folder`")
	f.BoolVar(&o.pending, "pending", false, "only claims that are to be sent")
	f.BoolVar(&o.sent, "sent", false, "only claims that were sent and have no answer")
	f.BoolVar(&o.paid, "paid", false, "only claims that are paid")
	f.BoolVar(&o.refused, "refused", false, "only claims that were refused")
	f.BoolVar(&o.verify, "verify", false, "read every byte and say what is damaged")
	f.StringVar(&o.export, "export", "", "write the claims to this `file`, as JSON Lines")
	f.BoolVar(&o.force, "force", false, "replace the file of --export")
	cmd.RunE = func(*cobra.Command, []string) error {
		if o.verify && o.export != "" {
			return shell.Usagef("--verify and --export are two commands")
		}
		return readClaims(a, o)
	}
	return cmd
}

func readClaims(a *shell.App, o journalOptions) (err error) {
	if _, err := os.Stat(o.folder); err != nil {
		return fmt.Errorf("reading the terminal's claims: %w", err)
	}
	var j *claims.Journal
	disk, err := claims.ViewFolder(filepath.Join(o.folder, "claims"))
	if err == nil {
		defer func() { err = errors.Join(err, disk.Close()) }()
		j, err = claims.Read(disk)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch {
	case o.verify:
		return printFindings(a, j)
	case o.export != "":
		return a.WriteFile(o.export, o.force, func(w io.Writer) error {
			to := json.NewEncoder(w)
			return o.each(j, func(r claims.Record) error { return to.Encode(r) })
		})
	}
	records := []claims.Record{}
	err = o.each(j, func(r claims.Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		return err
	}
	return a.Print(records, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "%-8s %-8s %5s %6s  %-64s %s\n", "number", "state", "batch", "bytes", "key",
			"reason")
		for _, r := range records {
			_, _ = fmt.Fprintf(w, "%-8d %-8s %5d %6d  %s %s\n", r.Number, r.State, r.Batch,
				len(r.Payload), r.Key, r.Reason)
		}
	})
}

// each calls do with each claim that is wanted. A terminal that took none has no journal.
func (o journalOptions) each(j *claims.Journal, do func(claims.Record) error) error {
	if j == nil {
		return nil
	}
	var states []claims.State
	for state, wanted := range map[claims.State]bool{
		claims.Pending: o.pending, claims.Sent: o.sent, claims.Paid: o.paid, claims.Refused: o.refused,
	} {
		if wanted {
			states = append(states, state)
		}
	}
	for r, err := range j.Claims(states...) {
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// printFindings prints what isn't as it was written.
func printFindings(a *shell.App, j *claims.Journal) error {
	findings, count, damaged := []claims.Finding{}, 0, false
	if j != nil {
		findings, count = append(findings, j.Findings()...), j.Len()
	}
	for _, f := range findings {
		damaged = damaged || !f.Torn
	}
	out := struct {
		Claims   int              `json:"claims"`
		Findings []claims.Finding `json:"findings"`
		Damaged  bool             `json:"damaged"`
	}{count, findings, damaged}
	err := a.Print(out, func(w io.Writer) {
		for _, f := range findings {
			_, _ = fmt.Fprintln(w, f)
		}
		_, _ = fmt.Fprintf(w, "%d claims can be read\n", count)
	})
	if err == nil && damaged {
		err = shell.Refused(errClaimsDamaged)
	}
	return err
}

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/backend/dispute"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/verdict"
)

type tsmEvidenceOptions struct {
	keys, store, out string
	force            bool
}

func newTSMEvidence(a *shell.App) *cobra.Command {
	var o tsmEvidenceOptions
	cmd := &cobra.Command{
		Use:   "evidence",
		Short: "Show and write the proofs that tokens were spent twice",
		Long: `evidence lists what the TSM, which isn't running, has found at payouts and closes: pairs of
statements by one token's key that no honest element signs both. Each says which units were taken
twice, and of which of the TSM's accounts; that account is frozen. With --out FOLDER each proof is
written to a file of its own, named by its identity; one that is there already is kept. Anyone
verifies it with "dispute verify"; a judge has it opened to a person with "dispute open".`,
		Example: `  tapbench tsm evidence --store tsm.db --out proofs
  for f in proofs/*.json; do tapbench dispute verify "$f"; done`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return tsmEvidence(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.keys, "keys", "pki/tsm", "the TSM's own `folder`, made by pki init")
	f.StringVar(&o.store, "store", "tsm.db", "the TSM's `file`, or a PostgreSQL database's URL")
	f.StringVar(&o.out, "out", "", "write each proof to a file in this `folder`")
	f.BoolVar(&o.force, "force", false, "replace files that are there already")
	return cmd
}

// proofJSON is one proof, as --json prints it.
type proofJSON struct {
	Account string `json:"tsm_account"`
	File    string `json:"file,omitempty"`
	verdict.Subject
}

func tsmEvidence(ctx context.Context, a *shell.App, o tsmEvidenceOptions) error {
	s, err := openTSMStore(ctx, o.keys, o.store)
	if err != nil {
		return err
	}
	var proofs []tsm.Proof
	err = s.View(ctx, func(tx store.Tx) (err error) {
		proofs, err = tsm.Proofs(ctx, tx)
		return err
	})
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	rows := []proofJSON{}
	for _, p := range proofs {
		subject := dispute.DoubleSpend{Evidence: p.Evidence}
		row := proofJSON{
			Account: p.Account.String(), Subject: verdict.SubjectOf(subject, verdict.TwiceOf(subject)),
		}
		if row.File, err = writeProof(a, o, row.Double, subject); err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return a.Print(rows, func(w io.Writer) { writeProofs(w, rows) })
}

// writeProof writes a proof to its file and returns the file's name, or none without a folder.
func writeProof(
	a *shell.App, o tsmEvidenceOptions, sum string, s dispute.Subject,
) (name string, err error) {
	if o.out == "" {
		return "", nil
	}
	if err := os.MkdirAll(o.out, 0o700); err != nil {
		return "", fmt.Errorf("making a folder for proofs: %w", err)
	}
	name = filepath.Join(o.out, sum[:shown]+".json")
	err = a.WriteFile(name, o.force, dispute.File{Subject: s}.Write)
	if errors.Is(err, shell.ErrFileExists) {
		return name, nil
	}
	return name, err
}

func writeProofs(w io.Writer, rows []proofJSON) {
	if len(rows) == 0 {
		_, _ = fmt.Fprintln(w, "no token was spent twice")
		return
	}
	for i, r := range rows {
		if i > 0 {
			_, _ = fmt.Fprintln(w, strings.Repeat("-", shown))
		}
		r.Write(w)
		verdict.WriteRow(w, "account", r.Account)
		if r.File != "" {
			verdict.WriteRow(w, "file", r.File)
		}
	}
}

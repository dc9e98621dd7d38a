package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tapbench/backend/money"
	"tapbench/backend/store/examiner"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/exhibits"
)

// NewExamine returns the command "examine".
func NewExamine(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:   "examine DIR",
		Short: "Say from the files of a stopped bench where every unit is",
		Long: `examine reads the stores of all banks and TSMs in a folder (*.db), the receipts and
journals of terminals (folders with a file named journal), and the states of secure elements
(*.state), and says in which place each unit is that users have handed in. It shares no code with
the ledger and believes no balance: it adds up the postings itself, and holds banks, TSM, terminals
and cards against each other. Units of offline tokens it follows one by one: with --json it says of
each token which of its units are where.

End the servers first. What can't be, such as a payment that was booked twice, is a finding, and
exits with 4.`,
		Example: `  tapbench demo --keep bench
  tapbench examine bench
  tapbench examine bench --json`,
		Args:              shell.Takes(1, 1),
		ValidArgsFunction: shell.CompleteFolder,
		RunE:              func(cmd *cobra.Command, args []string) error { return examine(cmd.Context(), a, args[0]) },
	}
}

// errFindings means that an examination has found something; what was printed says what.
var errFindings = errors.New("the books aren't sound")

func examine(ctx context.Context, a *shell.App, dir string) error {
	files, err := benchFiles(dir)
	if err != nil {
		return err
	}
	report, err := examiner.Examine(ctx, files)
	if err != nil {
		return err
	}
	if err := a.Print(report, func(w io.Writer) { writeExamination(w, report) }); err != nil {
		return err
	}
	if !report.Sound() {
		return shell.Refused(errFindings)
	}
	return nil
}

// benchFiles finds stores and terminals in a folder.
func benchFiles(dir string) (examiner.Files, error) {
	var files examiner.Files
	info, err := os.Stat(dir)
	if err != nil {
		return files, fmt.Errorf("examining a bench: %w", err)
	}
	if !info.IsDir() {
		return files, shell.Usagef("%s isn't a folder", dir)
	}
	if files, err = exhibits.Find(dir); err != nil {
		return files, err
	}
	if len(files.Stores) == 0 {
		return files, shell.Usagef("%s holds no store: nothing ends with .db", dir)
	}
	return files, nil
}

func writeExamination(w io.Writer, r examiner.Report) {
	_, _ = fmt.Fprintf(w, "%-14s %12s\n", "handed in", money.Signed(r.HandedIn, money.EUR))
	for _, p := range r.Places {
		_, _ = fmt.Fprintf(w, "%-14s %12s\n", p.Name, money.Signed(p.Minor, money.EUR))
	}
	for _, p := range r.Units {
		_, _ = fmt.Fprintf(w, "  token units %-12s %10s\n", p.Name, money.Signed(p.Minor, money.EUR))
	}
	_, _ = fmt.Fprintf(w, "%d payments stand, %d were taken back\n", r.Payments, r.Reversed)
	for _, f := range r.Findings {
		_, _ = fmt.Fprintln(w, "FINDING ", f)
	}
	if r.Sound() {
		_, _ = fmt.Fprintln(w, "every unit is in one place, and all books agree")
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tapbench/backend/money"
	"tapbench/backend/store/examiner"
)

func (a *app) newExamine() *cobra.Command {
	return &cobra.Command{
		Use:   "examine DIR",
		Short: "Say from the files of a stopped bench where every unit is",
		Long: `examine reads the stores of all banks and TSMs in a folder (*.db), and the receipts and
journals of terminals (folders with a file named journal), and says in which place each unit is
that users have handed in. It shares no code with the ledger and believes no balance: it adds up the
postings itself, and holds banks, TSM and terminals against each other.

End the servers first. What can't be, such as a payment that was booked twice, is a finding, and
exits with 4.`,
		Example: `  tapbench demo --keep bench
  tapbench examine bench
  tapbench examine bench --json`,
		Args:              counted(cobra.ExactArgs(1)),
		ValidArgsFunction: completeFolder,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.examine(cmd.Context(), args[0]) },
	}
}

// errFindings means that an examination has found something; what was printed says what.
var errFindings = errors.New("the books aren't sound")

func (a *app) examine(ctx context.Context, dir string) error {
	files, err := benchFiles(dir)
	if err != nil {
		return err
	}
	report, err := examiner.Examine(ctx, files)
	if err != nil {
		return err
	}
	if err := a.print(report, func(w io.Writer) { writeExamination(w, report) }); err != nil {
		return err
	}
	if !report.Sound() {
		return &verificationError{errFindings}
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
		return files, &usageError{fmt.Errorf("%s isn't a folder", dir)}
	}
	if files.Stores, err = filepath.Glob(filepath.Join(dir, "*.db")); err != nil {
		return files, fmt.Errorf("examining a bench: %w", err)
	}
	if len(files.Stores) == 0 {
		return files, &usageError{fmt.Errorf("%s holds no store: nothing ends with .db", dir)}
	}
	journals, err := filepath.Glob(filepath.Join(dir, "*", "journal"))
	for _, path := range journals {
		files.Tills = append(files.Tills, filepath.Dir(path))
	}
	slices.Sort(files.Tills)
	return files, err
}

func writeExamination(w io.Writer, r examiner.Report) {
	_, _ = fmt.Fprintf(w, "%-14s %12s\n", "handed in", money.Signed(r.HandedIn, money.EUR))
	for _, p := range r.Places {
		_, _ = fmt.Fprintf(w, "%-14s %12s\n", p.Name, money.Signed(p.Minor, money.EUR))
	}
	_, _ = fmt.Fprintf(w, "%d payments stand, %d were taken back\n", r.Payments, r.Reversed)
	for _, f := range r.Findings {
		_, _ = fmt.Fprintln(w, "FINDING ", f)
	}
	if r.Sound() {
		_, _ = fmt.Fprintln(w, "every unit is in one place, and all books agree")
	}
}

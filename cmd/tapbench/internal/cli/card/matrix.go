package card

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cardreport"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// wantedFile is the file in a folder of reports that names the matrix's rows and columns.
const wantedFile = "wanted.json"

func newMatrix(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:   "matrix FOLDER",
		Short: "Make a table of cards and readers of the reports in a folder",
		Long: `matrix reads the reports that "card check --report" has written, all *.json of a folder, and
prints the table of the README in Markdown: what was run on which card and which reader. A report
that says more than a report may is refused: so this also tells whether yours is fit to submit.

The file wanted.json there, if any, names rows and columns that the table has without a report.`,
		Example:           "  tapbench card matrix testdata/cards",
		Args:              shell.Takes(1, 1),
		ValidArgsFunction: shell.CompleteFolder,
		RunE: func(_ *cobra.Command, args []string) error {
			wanted, reports, err := readReports(args[0])
			if err != nil {
				return err
			}
			return a.Print(reports, func(w io.Writer) {
				_, _ = io.WriteString(w, wanted.Markdown(reports))
			})
		},
	}
}

// readReports reads a folder of reports, in the order of their names.
func readReports(folder string) (
	wanted cardreport.Matrix, reports []*cardreport.Report, err error,
) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return wanted, nil, fmt.Errorf("looking for reports: %w", err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if filepath.Base(path) == wantedFile {
			if wanted, err = readWanted(path); err != nil {
				return wanted, nil, err
			}
			continue
		}
		r, err := readReport(path)
		if err != nil {
			return wanted, nil, fmt.Errorf("%s: %w", path, err)
		}
		reports = append(reports, r)
	}
	if len(paths) == 0 {
		return wanted, nil, fmt.Errorf("%s: %w", folder, errNoReports)
	}
	return wanted, reports, nil
}

// errNoReports means that a folder has no reports.
var errNoReports = errors.New("no report lies there")

func readReport(path string) (*cardreport.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a card report: %w", err)
	}
	defer func() { _ = file.Close() }()
	return cardreport.Read(file)
}

func readWanted(path string) (wanted cardreport.Matrix, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return wanted, fmt.Errorf("reading the matrix's rows and columns: %w", err)
	}
	if err := json.Unmarshal(raw, &wanted); err != nil {
		return wanted, fmt.Errorf("%s: %w", path, err)
	}
	for _, kind := range slices.Concat(wanted.Cards, wanted.Readers) {
		if err := cardreport.CheckKind(kind); err != nil {
			return wanted, fmt.Errorf("%s: %w", path, err)
		}
	}
	return wanted, nil
}

package terminal

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"tapbench/backend/acquirer"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// maxDecoded bounds what is read of standard input, in bytes: a message's digits and words.
const maxDecoded = 1 << 16

func newDecode(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:   "decode [HEX]",
		Short: "Write an ISO 8583 message in words",
		Long: `decode reads a message in hexadecimal digits, without its two bytes of length, as an
argument or from standard input, and writes its type and fields in words. An input ends at its first
empty line, so that the files of testdata/vectors/acquirer can be read. Of a PAN it shows the last
four digits.

Only messages that the bench uses are read: docs/acquirer.md has the table.`,
		Example: `  tapbench terminal decode <testdata/vectors/acquirer/0510.txt
  tapbench terminal decode 30383030822000…`,
		Args: shell.Takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			text := strings.Join(args, "")
			if len(args) == 0 {
				raw, err := io.ReadAll(io.LimitReader(a.In, maxDecoded))
				if err != nil {
					return fmt.Errorf("reading the message: %w", err)
				}
				head, _, _ := bytes.Cut(raw, []byte("\n\n"))
				text = string(head)
			}
			raw, err := hex.DecodeString(strings.Map(func(c rune) rune {
				if unicode.IsSpace(c) {
					return -1
				}
				return c
			}, text))
			if err != nil {
				return shell.Usagef("the message isn't in hexadecimal digits: %w", err)
			}
			words, err := acquirer.Describe(raw)
			if err != nil {
				return fmt.Errorf("reading the message: %w", err)
			}
			return a.Print(map[string]string{"words": words}, func(w io.Writer) {
				_, _ = fmt.Fprint(w, words)
			})
		},
	}
}

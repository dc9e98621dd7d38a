package shell

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/wire"
	"tapbench/backend/money"
)

// ParseAmount reads the amount that a flag names, in EUR.
func ParseAmount(flag, text string) (money.Amount, error) {
	amount, err := money.Parse(text, money.EUR)
	if err != nil {
		return amount, Usagef("%s: %w", flag, err)
	}
	return amount, nil
}

// CardKinds names the kinds of card.
func CardKinds() []string {
	return []string{wire.CardOneShow.String(), wire.CardUntilExpiry.String()}
}

// AddCardKind adds --card, which names a kind of card.
func AddCardKind(cmd *cobra.Command, kind *string, standard, usage string) {
	cmd.Flags().StringVar(kind, "card", standard, usage+": one-show or until-expiry")
	_ = cmd.RegisterFlagCompletionFunc("card", cobra.FixedCompletions(
		CardKinds(), cobra.ShellCompDirectiveNoFileComp))
}

// ParseCardKind reads a kind of card.
func ParseCardKind(flag, text string) (wire.CardKind, error) {
	kind, ok := wire.ParseCardKind(text)
	if !ok {
		return 0, Usagef("%s %q is neither %s", flag, text,
			strings.Join(CardKinds(), " nor "))
	}
	return kind, nil
}

// ParseHex reads bytes in hexadecimal, from least to most of them.
func ParseHex(name, text string, least, most int) ([]byte, error) {
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, Usagef("--%s: %w", name, err)
	}
	if len(b) < least || len(b) > most {
		return nil, Usagef("--%s has %d bytes, want %d to %d", name, len(b), least, most)
	}
	return b, nil
}

// ReadBounded reads a file of at most so many bytes.
func ReadBounded(path string, most int64) ([]byte, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("reading %s: more than %d bytes", path, most)
	}
	return b, nil
}

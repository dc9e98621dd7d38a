package terminal

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"

	"tapbench/applet/emv/pinblock"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
)

// Where a PIN comes from.
const (
	pinAsk   = "ask"
	pinStdin = "stdin"
	pinNone  = "none"
)

// pinPad is the keyboard, or a line of standard input. What it reads is told to the card, or goes
// to its issuer enciphered.
type pinPad struct {
	app  *shell.App
	from string
	read bool          // the line of standard input
	key  *pinblock.Key // for issuers; nil: none
}

// openPINPad returns the pad that --pin names.
func openPINPad(a *shell.App, from string) (*pinPad, error) {
	switch from {
	case "":
		from = pinNone
		if keyboard(a) != nil {
			from = pinAsk
		}
	case pinAsk:
		if keyboard(a) == nil {
			return nil, shell.Usagef("--pin ask: standard input is no terminal; --pin stdin reads a line of it")
		}
	case pinStdin, pinNone:
	default:
		return nil, shell.Usagef("--pin says where a PIN comes from, ask, stdin or none: " +
			"it is no PIN itself") // and isn't printed
	}
	return &pinPad{app: a, from: from}, nil
}

// keyboard returns the terminal that a person types on, or nil.
func keyboard(a *shell.App) *os.File {
	file, ok := a.In.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return file
}

// Offline returns a PIN that the card checks. A line of standard input is tried once: a PIN that
// was wrong isn't tried again.
func (p *pinPad) Offline(_ context.Context, left int, again bool) (string, error) {
	text := "PIN"
	if again {
		text = "wrong; PIN"
	}
	if left >= 0 {
		text += fmt.Sprintf(" (%d tries left)", left)
	}
	return p.digits(text)
}

// Online returns a PIN for the issuer, enciphered.
func (p *pinPad) Online(_ context.Context, pan string) (pinblock.Block, error) {
	if p.key == nil {
		return nil, fmt.Errorf("%w: there is no key for PINs", general.ErrNoPad)
	}
	digits, err := p.digits("PIN for the issuer")
	if err != nil {
		return nil, err
	}
	pin, err := pinblock.ParsePIN(digits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", general.ErrNoPad, err)
	}
	block, err := p.key.Seal(rand.Reader, pin, pan)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", general.ErrNoPad, err)
	}
	return block, nil
}

// digits asks for a PIN.
func (p *pinPad) digits(question string) (string, error) {
	switch p.from {
	case pinAsk:
		return p.ask(question)
	case pinStdin:
		if p.read {
			return "", general.ErrNotEntered
		}
		p.read = true
		const longest = 64
		line, err := bufio.NewReader(io.LimitReader(p.app.In, longest)).ReadString('\n')
		if line = strings.TrimSpace(line); line == "" {
			return "", fmt.Errorf("%w: standard input has no line: %w", general.ErrNotEntered, err)
		}
		return line, nil
	default:
		return "", general.ErrNotEntered
	}
}

func (p *pinPad) ask(question string) (string, error) {
	_, _ = fmt.Fprintf(p.app.Err, "%s: ", question)
	digits, err := term.ReadPassword(int(keyboard(p.app).Fd()))
	_, _ = fmt.Fprintln(p.app.Err)
	if err != nil {
		return "", fmt.Errorf("%w: %w", general.ErrNoPad, err)
	}
	if len(digits) == 0 {
		return "", general.ErrNotEntered
	}
	return string(digits), nil
}

// chooser asks for an application on standard input.
type chooser struct{ app *shell.App }

// Choose lists the candidates and reads a number.
func (c *chooser) Choose(_ context.Context, list []entry.Candidate) (int, bool) {
	for i, candidate := range list {
		c.app.Say("  %d  %X %q", i+1, candidate.AID, candidate.Label)
	}
	answer := c.line(fmt.Sprintf("which application, 1 to %d", len(list)))
	n, err := strconv.Atoi(answer)
	if err != nil || n < 1 || n > len(list) {
		return 0, false
	}
	return n - 1, true
}

// Confirm asks whether an application may be used.
func (c *chooser) Confirm(_ context.Context, candidate entry.Candidate) bool {
	answer := c.line(fmt.Sprintf("use %X %q, yes or no", candidate.AID, candidate.Label))
	return answer == "yes" || answer == "y"
}

// line asks for a line, byte by byte: what follows it is for others.
func (c *chooser) line(question string) string {
	_, _ = fmt.Fprintf(c.app.Err, "%s: ", question)
	var line []byte
	for one := make([]byte, 1); len(line) < 16; {
		if _, err := io.ReadFull(c.app.In, one); err != nil || one[0] == '\n' {
			break
		}
		line = append(line, one[0])
	}
	return strings.TrimSpace(string(line))
}

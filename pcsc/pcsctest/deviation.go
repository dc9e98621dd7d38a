package pcsctest

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tapbench/pcsc/apdu"
)

// ErrDeviation means that a line doesn't say a deviation.
var ErrDeviation = errors.New("not a deviation")

// Deviation is one rule by which a [Deviant] card departs from the card within.
type Deviation struct {
	text    string
	header  string // upper-case hexadecimal digits and dots
	data    []byte // what the command's data begin with
	from    int    // the time from which it holds; 0: always
	onwards bool   // and all later times, not that one alone
	instead func(first []byte) (answer []byte, endless int)
	edits   []edit
}

// edit changes an answer. It returns false if there isn't what it would change.
type edit func(apdu.Response) (apdu.Response, bool)

// String returns the line.
func (d Deviation) String() string { return d.text }

// ParseDeviations reads one deviation a line. Empty lines don't count. The error wraps
// [ErrDeviation] and names the line.
func ParseDeviations(text string) ([]Deviation, error) {
	var all []Deviation
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		d, err := ParseDeviation(line)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// ParseDeviation reads a line of the form
//
//	HEADER[/DATA] [#N|#N+]: ACT[; ACT ...]
//
// HEADER is 1 to 4 bytes of CLA INS P1 P2 in hexadecimal, a dot for any digit; DATA is what the
// command's data must begin with. #2 means the second command that fits, #2+ that and all later
// ones. The acts that answer instead of the card, one at most:
//
//	sw 6985          that status word, without data
//	answer 80009000  that answer
//	silent           none at all: the card is gone
//	endless 10       61xx for so many bytes, and again after each GET RESPONSE
//	stale            what the first fitting command was answered, which isn't the present one
//
// and those that change its answer:
//
//	status 6283      another status word to the same data
//	data 8000        other data, the same status word
//	append 00        data behind the data
//	cut 3            so many bytes are missing at the end
//	xor @2 80        byte 2 of the data, counted from 0, and those after it
//	xor 9F26@0 01    the same of an object's value
//	set 5A 1234      an object's value; without digits it is empty
//	drop 5A          the object is missing
//	repeat 5A        it is there twice
//	rename 5A 5B     it has another tag
//	length 5A 127    its length lies: 0 to 127 in one byte, above in 81
//	add 5A 1234      an object more, at the end of the outermost template
//
// An object is the first of its tag at any depth; 6F/A5/50 is the 50 in the A5 in the 6F. Digits
// may be repeated: FF*200. The lengths around a changed object are made right again.
func ParseDeviation(line string) (Deviation, error) {
	d := Deviation{text: line}
	pattern, acts, found := strings.Cut(line, ":")
	if !found {
		return Deviation{}, fmt.Errorf("%w: %q: no colon after the header", ErrDeviation, line)
	}
	if err := d.parsePattern(strings.TrimSpace(pattern)); err != nil {
		return Deviation{}, fmt.Errorf("%w: %q: %w", ErrDeviation, line, err)
	}
	for act := range strings.SplitSeq(acts, ";") {
		if err := d.parseAct(strings.Fields(act)); err != nil {
			return Deviation{}, fmt.Errorf("%w: %q: %w", ErrDeviation, line, err)
		}
	}
	return d, nil
}

func (d *Deviation) parsePattern(pattern string) error {
	pattern, times, timed := strings.Cut(pattern, "#")
	if timed {
		times, d.onwards = strings.CutSuffix(times, "+")
		n, err := strconv.Atoi(times)
		if err != nil || n < 1 {
			return fmt.Errorf("#%s isn't a number from 1", times)
		}
		d.from = n
	}
	header, data, _ := strings.Cut(strings.TrimSpace(pattern), "/")
	d.header = strings.ToUpper(header)
	odd := strings.Trim(d.header, "0123456789ABCDEF.")
	if n := len(header); n < 2 || n > 8 || n%2 != 0 || odd != "" {
		return fmt.Errorf("header %q isn't 1 to 4 bytes in hexadecimal", header)
	}
	var err error
	d.data, err = digits(data)
	return err
}

// fits says whether a command is one that the deviation is for.
func (d Deviation) fits(command []byte) bool {
	if len(command) < 4 {
		return false
	}
	header := strings.ToUpper(hex.EncodeToString(command[:4]))
	for i := range len(d.header) {
		if d.header[i] != '.' && d.header[i] != header[i] {
			return false
		}
	}
	if len(d.data) == 0 {
		return true
	}
	parsed, err := apdu.ParseCommand(command)
	return err == nil && bytes.HasPrefix(parsed.Data, d.data)
}

// digits reads bytes in hexadecimal, each group repeated where it says so: 00FF, or FF*200.
func digits(text string) ([]byte, error) {
	text, times, repeated := strings.Cut(text, "*")
	n := 1
	if repeated {
		var err error
		if n, err = number(times, 65536/max(1, len(text))); err != nil {
			return nil, err
		}
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%q isn't hexadecimal", text)
	}
	return bytes.Repeat(b, n), nil
}

// number reads one from 0 to most.
func number(text string, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q isn't a number from 0 to %d", text, most)
	}
	return n, nil
}

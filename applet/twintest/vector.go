package twintest

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	apdutrace "tapbench/pcsc/trace"
)

// drawsComment begins the comments of a vector that number the draws of its commands, in their
// order: the seed of draws n is SHA-256("tapbench draws " || n [4]).
const drawsComment = "draws "

// perComment is how many numbers a comment holds.
const perComment = 16

// writeVector writes a dialogue with the answers that the emulator gives, in the grammar of the
// traces, and what differs as a comment.
func writeVector(w io.Writer, steps []Step, difference string) error {
	header := apdutrace.Header{{Key: apdutrace.KeySpec, Value: "PROTOCOL.md"}}
	comment := func(text string) {
		header = append(header, apdutrace.Field{Key: apdutrace.KeyComment, Value: text})
	}
	if difference != "" {
		comment(fmt.Sprintf("%.900s", difference))
	}
	var numbers []string
	for _, s := range steps {
		if s.Command != nil {
			numbers = append(numbers, strconv.FormatUint(uint64(s.Draw), 10))
		}
	}
	for len(numbers) > 0 {
		n := min(perComment, len(numbers))
		comment(drawsComment + strings.Join(numbers[:n], " "))
		numbers = numbers[n:]
	}
	out, err := apdutrace.NewWriter(w, header)
	if err != nil {
		return err
	}
	m, err := newModel(nil)
	if err != nil {
		return err
	}
	for _, s := range steps {
		step := apdutrace.Step{Kind: apdutrace.Reset}
		if answer := m.do(s); s.Command != nil {
			step = apdutrace.Step{
				Kind: apdutrace.Exchange, Command: apdutrace.Literal(s.Command),
				Answer: apdutrace.Literal(answer),
			}
		}
		if err := out.Write(step); err != nil {
			return err
		}
	}
	return nil
}

// readVector reads a dialogue, and the answers that it must have.
func readVector(r io.Reader) (steps []Step, answers [][]byte, err error) {
	d, err := apdutrace.Load(r)
	if err != nil {
		return nil, nil, err
	}
	draws, err := drawsOf(d.Header())
	if err != nil {
		return nil, nil, err
	}
	for source := d.Source(); ; {
		step, err := source.Next()
		if err == io.EOF { //nolint:errorlint // as an io.Reader
			return steps, answers, nil
		}
		if err != nil {
			return nil, nil, err
		}
		switch {
		case step.Kind == apdutrace.Reset:
			steps, answers = append(steps, Step{}), append(answers, nil)
		case step.Kind == apdutrace.Exchange && len(draws) > 0:
			s := Step{Draw: draws[0]}
			s.Command, _ = step.Command.Bytes()
			answer, _ := step.Answer.Bytes()
			steps, answers, draws = append(steps, s), append(answers, answer), draws[1:]
		default:
			return nil, nil, fmt.Errorf("line %d: neither a command with draws nor a reset", step.Line)
		}
	}
}

func drawsOf(header apdutrace.Header) (draws []uint32, err error) {
	for _, f := range header {
		list, ok := strings.CutPrefix(f.Value, drawsComment)
		if f.Key != apdutrace.KeyComment || !ok {
			continue
		}
		for _, text := range strings.Fields(list) {
			n, err := strconv.ParseUint(text, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("reading %q: %w", f.Value, err)
			}
			draws = append(draws, uint32(n))
		}
	}
	return draws, nil
}

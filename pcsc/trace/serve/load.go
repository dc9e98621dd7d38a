package serve

import (
	"errors"
	"io"
	"time"

	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// recorded is one exchange of the recording.
type recorded struct {
	line    int
	command trace.Message
	answer  []byte // nil if the card has left
	whole   bool   // all bytes of the answer were kept
	took    time.Duration
	session int
	asked   bool
}

// key is by what commands are looked up: their length and their header.
type key struct {
	length int
	header [apdu.MinCommand]byte
}

// Load reads a whole trace. The errors are those of [trace.NewReader] and its Next.
func Load(r io.Reader, config Config) (*Card, error) {
	reader, err := trace.Open(r)
	if err != nil {
		return nil, err
	}
	c := &Card{
		config: config, header: reader.Header(), atr: reader.Header().ATR(),
		index: make(map[key][]int),
	}
	if c.atr == nil {
		c.atr = []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	}
	sessions := 0
	used := false
	for {
		step, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch step.Kind {
		case trace.Exchange:
			if !used {
				c.begins = append(c.begins, len(c.steps))
				sessions, used = sessions+1, true
			}
			c.add(step, sessions-1)
		case trace.Reset, trace.Remove, trace.Insert:
			used = false
		case trace.Tear, trace.Idle:
			// What a tear did stands in the steps behind it; idle times are nobody's.
		}
	}
	c.rewind(0)
	return c, nil
}

// add keeps an exchange.
func (c *Card) add(step trace.Step, session int) {
	r := recorded{
		line: step.Line, command: step.Command, took: step.Took, session: session, whole: true,
	}
	for _, p := range step.Answer {
		if p.Mark == trace.Absent {
			r.whole = false
			r.answer = append(r.answer, make([]byte, p.Len)...)
			continue
		}
		r.answer = append(r.answer, p.Bytes...)
	}
	at := len(c.steps)
	c.steps = append(c.steps, r)
	head := r.command[0]
	if head.Mark != trace.Plain || len(head.Bytes) < apdu.MinCommand {
		c.marked = append(c.marked, at)
		return
	}
	k := keyOf(head.Bytes, r.command.Len())
	c.index[k] = append(c.index[k], at)
}

func keyOf(command []byte, length int) key {
	return key{length: length, header: [apdu.MinCommand]byte(command)}
}

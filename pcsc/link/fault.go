package link

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind is what goes wrong in an exchange.
type FaultKind byte

// The kinds of faults.
const (
	// TearCommand: the field goes off when byte At of the command has been sent: it never arrives.
	TearCommand FaultKind = iota + 1
	// TearAnswer: the field goes off when byte At of the answer has been sent. The card has carried
	// the command out.
	TearAnswer
	// FlipCommand and FlipAnswer: bit At is another one, bit 0 the highest of the first byte. The
	// link has a check of its own, so that this is what a broken reader does, or somebody between.
	FlipCommand
	FlipAnswer
	// Delay: the exchange takes For longer.
	Delay
	// Duplicate: the command arrives twice, the host sees the second answer.
	Duplicate
	// Drop: the card leaves before the command.
	Drop
)

func faultNames() []string {
	return []string{
		"", "tear-command", "tear-answer", "flip-command", "flip-answer", "delay", "duplicate", "drop",
	}
}

// String returns the kind's name, such as "tear-answer".
func (k FaultKind) String() string {
	if names := faultNames(); int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Fault is what goes wrong in one exchange. The zero value is nothing.
type Fault struct {
	Kind     FaultKind
	Exchange int           // its number, from 1
	At       int           // byte or bit, from 0; beyond the end it counts from the start again
	For      time.Duration // of a delay
}

// String returns the fault as [ParseFault] reads it, such as "tear-answer@3:17".
func (f Fault) String() string {
	switch f.Kind {
	case Delay:
		return fmt.Sprintf("%s@%d:%s", f.Kind, f.Exchange, f.For)
	case Duplicate, Drop:
		return fmt.Sprintf("%s@%d", f.Kind, f.Exchange)
	default:
		return fmt.Sprintf("%s@%d:%d", f.Kind, f.Exchange, f.At)
	}
}

// ParseFault reads KIND@EXCHANGE[:BYTE, BIT or DELAY].
func ParseFault(text string) (Fault, error) {
	kind, place, found := strings.Cut(text, "@")
	number, detail, detailed := strings.Cut(place, ":")
	index := slices.Index(faultNames(), kind)
	if !found || index < 1 {
		return Fault{}, fmt.Errorf("fault %q: expected KIND@EXCHANGE[:DETAIL], a kind of %s", text,
			strings.Join(faultNames()[1:], ", "))
	}
	f := Fault{Kind: FaultKind(index)}
	var err error
	if f.Exchange, err = strconv.Atoi(number); err != nil || f.Exchange < 1 {
		return Fault{}, fmt.Errorf("fault %q: the exchange is a number from 1", text)
	}
	switch f.Kind {
	case Delay:
		f.For, err = time.ParseDuration(detail)
		if err != nil || f.For <= 0 {
			return Fault{}, fmt.Errorf("fault %q: the delay is a time such as 50ms", text)
		}
	case Duplicate, Drop:
		if detailed {
			return Fault{}, fmt.Errorf("fault %q: %s has no detail", text, f.Kind)
		}
	default:
		if f.At, err = strconv.Atoi(detail); err != nil || f.At < 0 {
			return Fault{}, fmt.Errorf("fault %q: the byte or bit is a number from 0", text)
		}
	}
	return f, nil
}

// Faults say what goes wrong. The zero value is nothing.
type Faults struct {
	// Planned are faults of certain exchanges, one each.
	Planned []Fault
	// Seed and PerMille draw faults for the other exchanges: the same ones for the same seed.
	Seed     uint64
	PerMille int
	// Kinds are those that are drawn. Default: all.
	Kinds []FaultKind
}

// longestDelay bounds a delay that is drawn.
const longestDelay = 500 * time.Millisecond

// at returns the fault of an exchange whose command has n bytes.
func (f Faults) at(exchange, n int) Fault {
	for _, planned := range f.Planned {
		if planned.Exchange == exchange {
			return planned
		}
	}
	if f.PerMille == 0 {
		return Fault{}
	}
	seed := binary.BigEndian.AppendUint64(nil, f.Seed)
	drawn := sha256.Sum256(binary.BigEndian.AppendUint64(seed, uint64(exchange))) //nolint:gosec // >0
	below := func(word, bound int) int {
		n := binary.BigEndian.Uint64(drawn[8*word:])
		return int(n % uint64(max(1, bound))) //nolint:gosec // below bound
	}
	if below(0, 1000) >= f.PerMille {
		return Fault{}
	}
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = []FaultKind{
			TearCommand, TearAnswer, FlipCommand, FlipAnswer, Delay, Duplicate, Drop,
		}
	}
	fault := Fault{Kind: kinds[below(1, len(kinds))], Exchange: exchange}
	switch fault.Kind {
	case Delay:
		fault.For = 1 + time.Duration(below(2, int(longestDelay)))
	case Duplicate, Drop:
	case FlipCommand, FlipAnswer:
		fault.At = below(2, 8*n)
	default:
		fault.At = below(2, n)
	}
	return fault
}

// delay returns how much longer the exchange takes.
func (f Fault) delay() time.Duration {
	if f.Kind != Delay {
		return 0
	}
	return f.For
}

// onCommand returns what arrives at the card, and whether anything does.
func (f Fault) onCommand(command []byte) ([]byte, bool) {
	switch f.Kind {
	case TearCommand, Drop:
		return nil, false
	case FlipCommand:
		return flipped(command, f.At), true
	default:
		return command, true
	}
}

// onAnswer returns what arrives at the host, and whether anything does.
func (f Fault) onAnswer(answer []byte) ([]byte, bool) {
	switch f.Kind {
	case TearAnswer:
		return nil, false
	case FlipAnswer:
		return flipped(answer, f.At), true
	default:
		return answer, true
	}
}

func flipped(b []byte, bit int) []byte {
	out := append([]byte(nil), b...)
	if len(out) > 0 {
		bit %= 8 * len(out)
		out[bit/8] ^= 0x80 >> (bit % 8)
	}
	return out
}

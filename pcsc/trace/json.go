package trace

// The JSON Lines form: the first line is an object with the header, every other one a step. The
// names here are those of its members; their order is that in which they are written.
const (
	jsonFormat  = "tapbench-apdu"
	jsonVersion = 1

	// jsonExchange names exchanges, which have no word of their own in the text.
	jsonExchange = "exchange"
)

// maxJSONLine is the longest line in bytes, without its LF. Two extended APDUs of which each byte
// has a mark and the longest label of its own need 5.4 MiB.
const maxJSONLine = 8 << 20

// Members of the first line, and of a field of the header.
const (
	headFormat = iota
	headVersion
	headHeader
)

const (
	fieldKey = iota
	fieldValue
)

// Members of a step.
const (
	stepStep = iota
	stepCommand
	stepAnswer
	stepFailure
	stepWrite
	stepTook
)

// Members of a part.
const (
	partVaries = iota
	partStandIn
	partAbsent
	partHex
	partLength
)

func headMembers() []string  { return []string{"format", "version", "header"} }
func fieldMembers() []string { return []string{"key", "value"} }
func partMembers() []string  { return []string{"varies", "stand_in", "absent", "hex", "length"} }

func stepMembers() []string {
	return []string{"step", "command", "answer", "failure", "write", "took_us"}
}

// jsonKind returns what a step is by its name, or 0.
func jsonKind(name string) Kind {
	if name == jsonExchange {
		return Exchange
	}
	for _, kind := range []Kind{Reset, Tear, Remove, Insert, Idle} {
		if name == kind.String() {
			return kind
		}
	}
	return 0
}

// jsonName is the name of a kind of step.
func jsonName(k Kind) string {
	if k == Exchange {
		return jsonExchange
	}
	return k.String()
}

// needs and takes say which members a step of a kind must have, and which ones it may have beside
// them. An exchange has an answer or a failure.
func needs(k Kind) []int {
	switch k {
	case Exchange:
		return []int{stepCommand}
	case Tear:
		return []int{stepWrite}
	case Idle:
		return []int{stepTook}
	case Reset, Remove, Insert:
		return nil
	default:
		return nil
	}
}

func takes(k Kind) []int {
	switch k {
	case Exchange:
		return []int{stepAnswer, stepFailure, stepTook}
	case Reset:
		return []int{stepFailure}
	case Tear, Remove, Insert, Idle:
		return nil
	default:
		return nil
	}
}

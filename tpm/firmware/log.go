package firmware

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"tapbench/tpm/measure"
)

// Log is a firmware's event log. Only [Parse] makes one.
type Log struct {
	raw    []byte // the whole log, of which the events hold parts
	events []Event
}

// NoPCR is the PCR of an informative event that belongs to none.
const NoPCR = -1

// Event is one entry of the log.
type Event struct {
	PCR    int      // 0..23, or NoPCR
	Type   Type     // as the log claims: nothing proves it
	Digest [32]byte // in the SHA-256 bank: what the PCR was extended by
	Data   []byte   // as the log claims, see Measured
}

// Extends reports whether the event extended its PCR. Those of type [NoAction] only inform.
func (e Event) Extends() bool { return e.Type != NoAction }

// Measured reports whether the event's digest is that of its data: then the data is proven as soon
// as the digest is. Of what is large, such as programs, the log holds a description only.
func (e Event) Measured() bool { return e.Extends() && sha256.Sum256(e.Data) == e.Digest }

// localityEvent begins the event that says from which locality the TPM was started; one byte with
// the locality follows.
const localityEvent = "StartupLocality\x00"

// hcrtmLocality is the locality of a hardware root of trust, and the last byte of PCR 0 before its
// first event.
const hcrtmLocality = 4

// sets reports whether the event sets PCR 0's first value.
func (e Event) sets() bool {
	_, sets := e.firstValue()
	return sets
}

// firstValue returns the value of PCR 0 before the event, if the event sets it (PC Client Platform
// Firmware Profile, clause 3.3.4.1).
func (e Event) firstValue() (value [32]byte, sets bool) {
	switch {
	case e.PCR != 0:
		return value, false
	case e.Type == HCRTM:
		value[31] = hcrtmLocality
		return value, true
	case e.Type == NoAction && len(e.Data) == len(localityEvent)+1 &&
		bytes.HasPrefix(e.Data, []byte(localityEvent)):
		value[31] = e.Data[len(localityEvent)]
		return value, true
	default:
		return value, false
	}
}

// Events returns a copy of the events in the order of the log, without the first one, which says of
// what form the log is.
func (l *Log) Events() []Event {
	out := slices.Clone(l.events)
	for i := range out {
		out[i].Data = bytes.Clone(out[i].Data)
	}
	return out
}

// Explains reports whether a PCR is explained by the firmware's log rather than by a measurement
// list: 0 to 15 but for IMA's, 10. Others are set to zero while Linux runs.
func Explains(pcr int) bool { return pcr >= 0 && pcr <= 15 && pcr != measure.DefaultPCR }

// Replay returns the value that the log's events for this PCR lead to: 32 zero bytes when there are
// none.
func (l *Log) Replay(pcr int) [32]byte {
	var value [32]byte
	for _, e := range l.events {
		if e.PCR != pcr {
			continue
		}
		if first, sets := e.firstValue(); sets {
			value = first
		}
		if e.Extends() {
			value = measure.Extend(value, e.Digest)
		}
	}
	return value
}

// Values returns the replayed values of these PCRs, by their numbers.
func (l *Log) Values(pcrs ...int) map[int][32]byte {
	values := make(map[int][32]byte, len(pcrs))
	for _, pcr := range pcrs {
		values[pcr] = l.Replay(pcr)
	}
	return values
}

// aggregated is how many PCRs, from 0 on, Linux hashes into the boot aggregate: 0 to 9, since
// version 5.8, for every bank but SHA-1.
const aggregated = 10

// AggregateName is the name of the first entry in a kernel's measurement list.
const AggregateName = "boot_aggregate"

// BootAggregate returns what a kernel that was started so puts into its measurement list as the
// first entry, [AggregateName]: SHA-256 over PCRs 0 to 9. A list that has it ties the firmware's
// log to IMA's.
func (l *Log) BootAggregate() [32]byte {
	digest := sha256.New()
	for pcr := range aggregated {
		value := l.Replay(pcr)
		digest.Write(value[:])
	}
	return [32]byte(digest.Sum(nil))
}

package firmware

import (
	"crypto"
	"fmt"
	"slices"

	"github.com/google/go-eventlog/extract"
	"github.com/google/go-eventlog/register"
	"github.com/google/go-eventlog/tcg"
)

// The PCRs that tell about Secure Boot: drivers, and its keys and their use.
const (
	driverPCR     = 2
	secureBootPCR = 7
)

// SecureBoot is what a log tells about Secure Boot.
type SecureBoot struct {
	On          bool
	Authorities []string // subjects of the certificates by which images were let start
}

// SecureBoot tells whether Secure Boot was on and who let the boot loader start. It believes only
// events whose data was measured, before the firmware handed over, and is worth what PCRs 2 and 7
// are: without a quote over them, nothing. A log that doesn't tell is [ErrSecureBoot].
//
// The judgement is go-eventlog's, see its extract.ParseSecurebootState. What would make it panic,
// allocate claimed lengths or take silence for "off" is refused before.
func (l *Log) SecureBoot() (SecureBoot, error) {
	if err := l.checkSecureBoot(); err != nil {
		return SecureBoot{}, err
	}
	registers := make([]register.MR, 0, 2)
	for _, pcr := range []int{driverPCR, secureBootPCR} {
		value := l.Replay(pcr)
		registers = append(registers,
			register.PCR{Index: pcr, Digest: value[:], DigestAlg: crypto.SHA256})
	}
	events, err := tcg.ParseAndReplay(l.raw, registers, tcg.ParseOpts{})
	if err != nil {
		return SecureBoot{}, fmt.Errorf("%w: %w", ErrSecureBoot, err)
	}
	state, err := extract.ParseSecurebootState(events, extract.TPMRegisterConfig, extract.Opts{})
	if err != nil {
		return SecureBoot{}, fmt.Errorf("%w: %w", ErrSecureBoot, err)
	}
	out := SecureBoot{On: state.Enabled}
	used := slices.Concat(state.PreSeparatorAuthority, state.PostSeparatorAuthority)
	for _, certificate := range used {
		out.Authorities = append(out.Authorities, certificate.Subject.String())
	}
	return out, nil
}

// checkSecureBoot refuses what the library mustn't see.
func (l *Log) checkSecureBoot() error {
	told, handedOver := false, false
	for i, e := range l.events {
		if !e.Extends() || e.PCR != driverPCR && e.PCR != secureBootPCR {
			continue
		}
		name, err := e.checkSecureBoot()
		if err != nil {
			return fmt.Errorf("%w: event %d: %w", ErrSecureBoot, i+1, err)
		}
		told = told || name == "SecureBoot"
		handedOver = handedOver || e.PCR == secureBootPCR && e.Type == Separator
	}
	if !told || !handedOver {
		return fmt.Errorf("%w: no SecureBoot variable or no separator in PCR 7", ErrSecureBoot)
	}
	return nil
}

// checkSecureBoot checks the lengths in one event, and returns the name of the variable that it
// sets, if any.
func (e Event) checkSecureBoot() (string, error) {
	if _, known := tcg.EventType(e.Type).KnownName(); !known {
		return "", fmt.Errorf("%w: %s in PCR %d", ErrFormat, e.Type, e.PCR)
	}
	if e.PCR != secureBootPCR || e.Type != VariableConfig && e.Type != VariableAuthority {
		return "", nil
	}
	v, err := parseVariable(e.Data)
	if err != nil || e.Type == VariableAuthority {
		return "", err
	}
	switch v.name {
	case "PK", "KEK", "db", "dbx":
		err = checkSignatureLists(v.value)
	}
	return v.name, err
}

package tpm

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm/firmware"
	"tapbench/tpm/measure"
)

// firmwarePCRs returns the PCRs that are judged when a firmware's log is given: the firmware's,
// and IMA's.
func firmwarePCRs() []int { return []int{0, 1, 2, 3, 4, 5, 6, 7, measure.DefaultPCR} }

// firmwareState is what a firmware's log says, for programs.
type firmwareState struct {
	SecureBoot  string          `json:"secure_boot"` // on, off or unknown
	Why         string          `json:"why,omitempty"`
	Authorities []string        `json:"authorities"`
	Events      []firmwareEvent `json:"events"`
}

type firmwareEvent struct {
	PCR      int    `json:"pcr"`
	Type     string `json:"type"`
	SHA256   string `json:"sha256"`
	Measured bool   `json:"measured"` // whether the words are what was measured
	Words    string `json:"words"`
}

// readFirmware reads a firmware's event log; none for no path.
func readFirmware(path string) (*firmware.Log, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no log was asked for
	}
	raw, err := shell.ReadBounded(path, firmware.MaxLog)
	if err != nil {
		return nil, err
	}
	log, err := firmware.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return log, nil
}

// firmwareStateOf tells what a log says whose PCRs were quoted; other events are left out. Secure
// Boot needs PCRs 2 and 7.
func firmwareStateOf(log *firmware.Log, pcrs []int) *firmwareState {
	if log == nil {
		return nil
	}
	state := &firmwareState{SecureBoot: "unknown", Authorities: []string{}}
	for _, e := range log.Events() {
		if e.Extends() && slices.Contains(pcrs, e.PCR) {
			state.Events = append(state.Events, firmwareEvent{
				e.PCR, e.Type.String(), fmt.Sprintf("%x", e.Digest), e.Measured(), e.String(),
			})
		}
	}
	if !slices.Contains(pcrs, 2) || !slices.Contains(pcrs, 7) {
		state.Why = "PCRs 2 and 7 aren't quoted"
		return state
	}
	boot, err := log.SecureBoot()
	switch {
	case err != nil:
		state.Why = err.Error()
		return state
	case boot.On:
		state.SecureBoot = "on"
	default:
		state.SecureBoot = "off"
	}
	state.Authorities = append(state.Authorities, boot.Authorities...)
	return state
}

// write shows the state as lines; a word in brackets is the log's claim and not what was measured.
func (s *firmwareState) write(w io.Writer) {
	if s == nil {
		return
	}
	line := "Secure Boot " + s.SecureBoot
	if s.Why != "" {
		line += ": " + s.Why
	}
	_, _ = fmt.Fprintln(w, line)
	for _, authority := range s.Authorities {
		_, _ = fmt.Fprintln(w, "  let start what was signed under", authority)
	}
	for _, e := range s.Events {
		words := e.Words
		if !e.Measured {
			words = "(" + words + ")"
		}
		_, _ = fmt.Fprintf(w, "boot %-2d %s  %s  %s\n", e.PCR, e.SHA256, e.Type, words)
	}
}

// firmwareLogOf returns the file in which the kernel shows the log that a device's firmware left,
// or nothing if there is none: behind a socket nobody knows which machine's it is.
func firmwareLogOf(where string) string {
	name, device := strings.CutPrefix(where, "/dev/tpm")
	if !device {
		return ""
	}
	path := "/sys/kernel/security/tpm" + strings.TrimPrefix(name, "rm") + "/binary_bios_measurements"
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

package gsmtap

// typeLog is the type of GSMTAP packets that carry a line of a log (GSMTAP_TYPE_OSMOCORE_LOG of
// libosmocore's gsmtap.h). The line follows a header of its own: time (8 bytes), name of the
// program (16), process (4), level (1, and 3 of padding), subsystem (16), source file (32) and line
// (4).
const typeLog = 0x10

// The header of a log line.
const (
	logHeader  = 84
	atProgram  = 8
	atLevel    = 28
	atSystem   = 32
	levelInfo  = 3
	program    = "tapbench"
	subsystem  = "trace"
	maxLogLine = 1024
)

// AppendLog appends a packet with a line of a log, which Wireshark shows as such: for what a SIM's
// packet can't say. The line has neither time nor process and is cut at 1,024 bytes.
func AppendLog(dst []byte, line string) []byte {
	var header [logHeader]byte
	copy(header[atProgram:], program)
	header[atLevel] = levelInfo
	copy(header[atSystem:], subsystem)
	line = line[:min(len(line), maxLogLine)]
	return appendPacket(dst, typeLog, 0, header[:], []byte(line))
}

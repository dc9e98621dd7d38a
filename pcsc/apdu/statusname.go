package apdu

import "strconv"

// statusEntry is one row of the standard's tables: the meaning and, in tables 5 and 6 of
// ISO/IEC 7816-4:2005, 5.1.3, where it stands.
type statusEntry struct {
	sw    SW
	table byte
	name  string
}

// statusEntries lists the named status words in the order of their values.
func statusEntries() []statusEntry {
	return []statusEntry{
		{SWWarning, 6, "warning, state unchanged"},
		{SWDataCorrupted, 6, "part of the data may be corrupted"},
		{SWEndOfFile, 6, "end of file or record reached before Ne bytes"},
		{SWFileDeactivated, 6, "selected file deactivated"},
		{SWFCIFormat, 6, "file control information not formatted"},
		{SWTerminationState, 6, "selected file in termination state"},
		{SWNoSensorInput, 6, "no input data from a sensor"},
		{SWWarningChanged, 6, "warning, state changed"},
		{SWFileFilled, 6, "file filled up by the last write"},
		{SWExecutionError, 6, "execution error, state unchanged"},
		{SWImmediateResponse, 6, "immediate response required by the card"},
		{SWExecutionErrorChange, 6, "execution error, state changed"},
		{SWMemoryFailure, 6, "memory failure"},
		{SWSecurityIssue, 5, "security issue"},
		{SWWrongLength, 5, "wrong length"},
		{SWCLAFunctionNotSupported, 6, "function in CLA not supported"},
		{SWLogicalChannelNotSupported, 6, "logical channel not supported"},
		{SWSecureMessagingNotSupported, 6, "secure messaging not supported"},
		{SWLastCommandExpected, 6, "last command of the chain expected"},
		{SWChainingNotSupported, 6, "command chaining not supported"},
		{SWCommandNotAllowed, 6, "command not allowed"},
		{SWIncompatibleFileStructure, 6, "command incompatible with file structure"},
		{SWSecurityStatusNotSatisfied, 6, "security status not satisfied"},
		{SWAuthMethodBlocked, 6, "authentication method blocked"},
		{SWReferenceDataNotUsable, 6, "reference data not usable"},
		{SWConditionsNotSatisfied, 6, "conditions of use not satisfied"},
		{SWNoCurrentEF, 6, "command not allowed, no current EF"},
		{SWSMObjectsMissing, 6, "secure messaging data objects missing"},
		{SWSMIncorrect, 6, "secure messaging data objects incorrect"},
		{SWWrongParameters, 6, "wrong parameters P1-P2"},
		{SWWrongData, 6, "incorrect parameters in the data field"},
		{SWFunctionNotSupported, 6, "function not supported"},
		{SWFileNotFound, 6, "file or application not found"},
		{SWRecordNotFound, 6, "record not found"},
		{SWNotEnoughMemory, 6, "not enough memory in the file"},
		{SWNcInconsistentWithTLV, 6, "Nc inconsistent with TLV structure"},
		{SWIncorrectP1P2, 6, "incorrect parameters P1-P2"},
		{SWNcInconsistentWithP1, 6, "Nc inconsistent with P1-P2"},
		{SWReferenceNotFound, 6, "referenced data not found"},
		{SWFileExists, 6, "file already exists"},
		{SWDFNameExists, 6, "DF name already exists"},
		{SWWrongP1P2, 5, "wrong parameters P1-P2"},
		{SWINSNotSupported, 5, "instruction not supported"},
		{SWCLANotSupported, 5, "class not supported"},
		{SWUnknown, 5, "no precise diagnosis"},
		{SWNormal, 5, "normal"},
	}
}

// entry returns the row that s belongs to: its own, or that of its range. A value that the
// standard doesn't name has an empty row.
func (s SW) entry() statusEntry {
	for _, e := range statusEntries() {
		if e.sw == s {
			return e
		}
	}
	if n, ok := s.Waiting(); ok {
		return statusEntry{s, 5, strconv.Itoa(n) + " more bytes to fetch"}
	}
	if n, ok := s.CorrectNe(); ok {
		return statusEntry{s, 5, "wrong Le, " + strconv.Itoa(n) + " bytes available"}
	}
	if n, ok := s.Counter(); ok {
		return statusEntry{s, 6, "counter is " + strconv.Itoa(n)}
	}
	return statusEntry{sw: s}
}

// Name returns the meaning of the status word, such as "record not found", or "" when the standard
// gives it none.
func (s SW) Name() string { return s.entry().name }

// Clause returns where the meaning stands, such as "ISO/IEC 7816-4:2005, 5.1.3, table 6", or "".
func (s SW) Clause() string {
	e := s.entry()
	if e.name == "" {
		return ""
	}
	return "ISO/IEC 7816-4:2005, 5.1.3, table " + strconv.Itoa(int(e.table))
}

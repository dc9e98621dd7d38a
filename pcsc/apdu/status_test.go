package apdu_test

import (
	"errors"
	"fmt"
	"testing"

	"tapbench/pcsc/apdu"
)

// TestStatusText has one row per named status word, by value as the standard's tables 5 and 6
// order them, so that a mistyped constant shows against the digits beside it.
func TestStatusText(t *testing.T) {
	for _, row := range []struct {
		sw   apdu.SW
		want string
	}{
		{apdu.SW(0x6108), "6108 8 more bytes to fetch"},
		{apdu.SW(0x6100), "6100 256 more bytes to fetch"},
		{apdu.SWWarning, "6200 warning, state unchanged"},
		{apdu.SWDataCorrupted, "6281 part of the data may be corrupted"},
		{apdu.SWEndOfFile, "6282 end of file or record reached before Ne bytes"},
		{apdu.SWFileDeactivated, "6283 selected file deactivated"},
		{apdu.SWFCIFormat, "6284 file control information not formatted"},
		{apdu.SWTerminationState, "6285 selected file in termination state"},
		{apdu.SWNoSensorInput, "6286 no input data from a sensor"},
		{apdu.SWWarningChanged, "6300 warning, state changed"},
		{apdu.SWFileFilled, "6381 file filled up by the last write"},
		{apdu.SW(0x63C2), "63C2 counter is 2"},
		{apdu.SWExecutionError, "6400 execution error, state unchanged"},
		{apdu.SWImmediateResponse, "6401 immediate response required by the card"},
		{apdu.SWExecutionErrorChange, "6500 execution error, state changed"},
		{apdu.SWMemoryFailure, "6581 memory failure"},
		{apdu.SWSecurityIssue, "6600 security issue"},
		{apdu.SWWrongLength, "6700 wrong length"},
		{apdu.SWCLAFunctionNotSupported, "6800 function in CLA not supported"},
		{apdu.SWLogicalChannelNotSupported, "6881 logical channel not supported"},
		{apdu.SWSecureMessagingNotSupported, "6882 secure messaging not supported"},
		{apdu.SWLastCommandExpected, "6883 last command of the chain expected"},
		{apdu.SWChainingNotSupported, "6884 command chaining not supported"},
		{apdu.SWCommandNotAllowed, "6900 command not allowed"},
		{apdu.SWIncompatibleFileStructure, "6981 command incompatible with file structure"},
		{apdu.SWSecurityStatusNotSatisfied, "6982 security status not satisfied"},
		{apdu.SWAuthMethodBlocked, "6983 authentication method blocked"},
		{apdu.SWReferenceDataNotUsable, "6984 reference data not usable"},
		{apdu.SWConditionsNotSatisfied, "6985 conditions of use not satisfied"},
		{apdu.SWNoCurrentEF, "6986 command not allowed, no current EF"},
		{apdu.SWSMObjectsMissing, "6987 secure messaging data objects missing"},
		{apdu.SWSMIncorrect, "6988 secure messaging data objects incorrect"},
		{apdu.SWWrongParameters, "6A00 wrong parameters P1-P2"},
		{apdu.SWWrongData, "6A80 incorrect parameters in the data field"},
		{apdu.SWFunctionNotSupported, "6A81 function not supported"},
		{apdu.SWFileNotFound, "6A82 file or application not found"},
		{apdu.SWRecordNotFound, "6A83 record not found"},
		{apdu.SWNotEnoughMemory, "6A84 not enough memory in the file"},
		{apdu.SWNcInconsistentWithTLV, "6A85 Nc inconsistent with TLV structure"},
		{apdu.SWIncorrectP1P2, "6A86 incorrect parameters P1-P2"},
		{apdu.SWNcInconsistentWithP1, "6A87 Nc inconsistent with P1-P2"},
		{apdu.SWReferenceNotFound, "6A88 referenced data not found"},
		{apdu.SWFileExists, "6A89 file already exists"},
		{apdu.SWDFNameExists, "6A8A DF name already exists"},
		{apdu.SWWrongP1P2, "6B00 wrong parameters P1-P2"},
		{apdu.SW(0x6C10), "6C10 wrong Le, 16 bytes available"},
		{apdu.SWINSNotSupported, "6D00 instruction not supported"},
		{apdu.SWCLANotSupported, "6E00 class not supported"},
		{apdu.SWUnknown, "6F00 no precise diagnosis"},
		{apdu.SWNormal, "9000 normal"},
		{apdu.SW(0x9F42), "9F42"},
	} {
		if got := row.sw.Error(); got != row.want {
			t.Errorf("SW %04X: got %q, want %q", uint16(row.sw), got, row.want)
		}
		if named := row.sw.Name() != ""; named != (row.sw.Clause() != "") {
			t.Errorf("SW %04X: name %q but clause %q", uint16(row.sw), row.sw.Name(), row.sw.Clause())
		}
	}
}

func TestStatusKinds(t *testing.T) {
	for _, row := range []struct {
		sw                               apdu.SW
		normal, warning                  bool
		waiting, correct, counter        int
		isWaiting, isCorrect, hasCounter bool
	}{
		{sw: 0x6A82, waiting: 0x82, correct: 0x82, counter: 2},
		{sw: 0x9000, normal: true, waiting: 256, correct: 256},
		{sw: 0x6101, normal: true, waiting: 1, isWaiting: true, correct: 1, counter: 1},
		{sw: 0x6100, normal: true, waiting: 256, isWaiting: true, correct: 256},
		{sw: 0x6282, warning: true, waiting: 0x82, correct: 0x82, counter: 2},
		{sw: 0x63CF, warning: true, waiting: 0xCF, correct: 0xCF, counter: 15, hasCounter: true},
		{sw: 0x6C00, waiting: 256, correct: 256, isCorrect: true},
	} {
		if row.sw.IsNormal() != row.normal || row.sw.IsWarning() != row.warning {
			t.Errorf("%s: normal %t, warning %t", row.sw, row.sw.IsNormal(), row.sw.IsWarning())
		}
		if n, ok := row.sw.Waiting(); n != row.waiting || ok != row.isWaiting {
			t.Errorf("%s: Waiting %d, %t", row.sw, n, ok)
		}
		if n, ok := row.sw.CorrectNe(); n != row.correct || ok != row.isCorrect {
			t.Errorf("%s: CorrectNe %d, %t", row.sw, n, ok)
		}
		if n, ok := row.sw.Counter(); n != row.counter || ok != row.hasCounter {
			t.Errorf("%s: Counter %d, %t", row.sw, n, ok)
		}
	}
}

func TestStatusErrorMatchesItsStatusWordOnly(t *testing.T) {
	err := fmt.Errorf("selecting: %w", &apdu.StatusError{
		CLA: 0, INS: 0xA4, P1: 4, P2: 0, SW: apdu.SWFileNotFound,
	})
	if errors.Is(err, apdu.SWRecordNotFound) {
		t.Errorf("%v matches 6A83", err)
	}
	if errors.Is(err, apdu.ErrMalformed) {
		t.Errorf("%v matches ErrMalformed", err)
	}
	if !errors.Is(err, apdu.SWFileNotFound) {
		t.Errorf("%v doesn't match 6A82", err)
	}
	want := "selecting: command 00 A4 04 00 answered 6A82 file or application not found"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

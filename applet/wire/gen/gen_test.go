package main

import (
	"path/filepath"
	"testing"

	"tapbench/applet/derived"
)

// TestGeneratedFresh makes every derived file anew and compares it with the one that is there.
func TestGeneratedFresh(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	stale, err := derived.Stale(root, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stale {
		t.Errorf("%s is stale: run go generate ./applet/wire", name)
	}
}

func TestJavaName(t *testing.T) {
	for name, want := range map[string]string{
		"InsGetChallenge": "INS_GET_CHALLENGE", "InsGenerateSEKey": "INS_GENERATE_SE_KEY",
		"SWNormal": "SW_NORMAL", "P1ARQC": "P1_ARQC", "MsgBINFOOuter": "MSG_BINFO_OUTER",
		"CLAProprietary": "CLA_PROPRIETARY", "InsAIDRequest": "INS_AID_REQUEST",
	} {
		if got := javaName(registered{name: name}); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := javaName(registered{name: "AIDPPSE", kind: "AID"}); got != "AID_PPSE" {
		t.Errorf("AIDPPSE: got %s", got)
	}
}

// TestJavaConstant: what doesn't fit a short is four bytes, big-endian.
func TestJavaConstant(t *testing.T) {
	for value, want := range map[int64]string{
		32767: "short CLOCK_SKEW = 32767",
		32768: "byte[] CLOCK_SKEW = {\n        (byte) 0x00, (byte) 0x00, (byte) 0x80, (byte) 0x00}",
		86400: "byte[] CLOCK_SKEW = {\n        (byte) 0x00, (byte) 0x01, (byte) 0x51, (byte) 0x80}",
	} {
		if got := javaConstant(registered{name: "ClockSkew", value: value}); got != want {
			t.Errorf("%d: got %q, want %q", value, got, want)
		}
	}
}

// TestMarksMissing: a specification without marks is refused, not overwritten.
func TestMarksMissing(t *testing.T) {
	if _, err := fillTables("# no marks", nil); err == nil {
		t.Error("accepted")
	}
}

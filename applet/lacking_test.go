package applet_test

import (
	"errors"
	"strings"
	"testing"

	"tapbench/applet"
	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// TestLackingError has the client of a card that lacks algorithms say which, and what is off.
func TestLackingError(t *testing.T) {
	for _, test := range []struct {
		lacks wire.Algorithm
		want  string
	}{
		{wire.AlgorithmECDSA, "lacks ECDSA P-256 with SHA-256: it can't be personalised"},
		{wire.AlgorithmAES | wire.AlgorithmCMAC, "lacks AES-128 in CBC and ECB mode: it can't"},
	} {
		client := lackingClient(t, test.lacks)
		_, err := client.GenerateSEKey(t.Context())
		if !errors.Is(err, applet.ErrAlgorithm) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: got %v, want ErrAlgorithm that says %q", test.lacks, err, test.want)
		}
	}
	client := lackingClient(t, wire.AlgorithmECDH)
	if _, err := client.GenerateSEKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := client.OpenAccount(t.Context(), 0, message.Certificate{}, message.Certificate{})
	lacking, ok := errors.AsType[*applet.LackingError](err)
	if !ok || lacking.Missing != wire.AlgorithmECDH || lacking.Off != "open bank accounts" {
		t.Errorf("OPEN ACCOUNT without ECDH: got %v", err)
	}
}

func lackingClient(t *testing.T, lacks wire.Algorithm) *applet.Client {
	t.Helper()
	card, err := emulator.New(emulator.Config{Lacks: lacks})
	if err != nil {
		t.Fatal(err)
	}
	connection := pcsc.NewDirect(card)
	t.Cleanup(func() { _ = connection.Close() })
	client := applet.NewClient(pcsc.NewSession(connection))
	if err := client.Select(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client
}

//go:build !cgo

package pcscd_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
)

func TestBuiltWithoutCgo(t *testing.T) {
	ctx := context.Background()
	client := new(pcscd.Client)
	calls := map[string]func() error{
		"open":    func() error { _, err := pcscd.Open(ctx, pcscd.Options{}); return err },
		"readers": func() error { _, err := client.Readers(ctx); return err },
		"connect": func() error {
			_, err := client.Connect(ctx, "any", pcscd.ConnectOptions{})
			return err
		},
		"waitcard": func() error { _, err := client.WaitCard(ctx); return err },
		"baseline": func() error { _, err := pcscd.BaselineLink("any", nil, 1); return err },
		"watch": func() (last error) {
			for _, err := range client.Watch(ctx) {
				last = err
			}
			return last
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			err := call()
			var transport *pcsc.Error
			if !errors.As(err, &transport) || !errors.Is(err, pcsc.ErrNotSupported) ||
				!strings.Contains(err.Error(), "libpcsclite-dev") {
				t.Errorf("got %v, want %v that says what to install", err, pcsc.ErrNotSupported)
			}
		})
	}
	if err := client.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

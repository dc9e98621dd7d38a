package tpm_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"tapbench/tpm"
	"tapbench/tpm/channel"
	"tapbench/tpm/swtpm/swtpmtest"
)

// TestIndex goes on where the beginning of an index was cut, and refuses an index of another kind.
func TestIndex(t *testing.T) {
	where := "unix:" + swtpmtest.Start(t).Socket()
	dev, ctx := openAt(t, where), t.Context()
	if _, err := dev.Index(16); !errors.Is(err, tpm.ErrIndex) {
		t.Errorf("the 17th: got %v", err)
	}
	index, err := dev.Index(2)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { return nil },
		func() error { return index.Define(ctx) },
		func() error { return index.Define(ctx) }, // again
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
		if _, written, err := index.Read(ctx); err != nil || written {
			t.Errorf("before it is written: got %v, %v", written, err)
		}
	}
	if err := index.Begin(ctx, [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	want, err := dev.ReadIndex(ctx, index.Handle)
	if got, written, readErr := index.Read(ctx); got != want || !written || readErr != nil {
		t.Errorf("got %x, %v, %v; want %x, %v", got, written, readErr, want, err)
	}
	if err := dev.Close(); err != nil {
		t.Fatal(err)
	}
	defineOrdinary(t, where)
	dev = openAt(t, where)
	if index, err = dev.Index(5); err != nil {
		t.Fatal(err)
	}
	if _, _, err := index.Read(ctx); !errors.Is(err, tpm.ErrIndexKind) {
		t.Errorf("an ordinary index: got %v", err)
	}
}

// defineOrdinary defines an index that may be written with any value.
func defineOrdinary(t *testing.T, where string) {
	t.Helper()
	ch, err := channel.Dial(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	var bus transport.TPM = ch
	_, err = tpm2.NVDefineSpace{
		AuthHandle: tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)},
		PublicInfo: tpm2.New2B(tpm2.TPMSNVPublic{
			NVIndex: tpm.FirstIndex + 5, NameAlg: tpm2.TPMAlgSHA256, DataSize: tpm.IndexSize,
			Attributes: tpm2.TPMANV{AuthRead: true, AuthWrite: true, NoDA: true},
		}),
	}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
}

// TestOpenShared has two clients use a TPM in turns that serves one at a time.
func TestOpenShared(t *testing.T) {
	where := "unix:" + swtpmtest.Start(t).Socket()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var shared [2]*tpm.TPM
	for n := range shared {
		var err error
		if shared[n], err = tpm.OpenShared(ctx, where); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 4 {
		if _, err := shared[n%2].ReadPCR(ctx, 16); err != nil {
			t.Fatal(err)
		}
	}
	if shared[0].Info().Where != where {
		t.Errorf("it is at %q", shared[0].Info().Where)
	}
	for range 2 {
		if err := shared[0].Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := shared[0].ReadPCR(ctx, 16); !errors.Is(err, channel.ErrClosed) {
		t.Errorf("closed: got %v", err)
	}
	if _, err := shared[1].ReadPCR(ctx, 16); err != nil {
		t.Errorf("the other one: %v", err)
	}
}

package tpm_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"tapbench/tpm"
	"tapbench/tpm/channel"
	"tapbench/tpm/swtpm/swtpmtest"
)

// TestTPM_Forget puts a key and an NV index of ours, and an index of somebody else's, into a TPM.
func TestTPM_Forget(t *testing.T) {
	process := swtpmtest.Start(t)
	ch, err := channel.Dial(t.Context(), "unix:"+process.Socket())
	if err != nil {
		t.Fatal(err)
	}
	bus := ch.Bind(t.Context())
	defineIndex(t, bus, tpm.FirstIndex)
	defineIndex(t, bus, tpm.FirstIndex+16)
	persistKey(t, bus, tpm.FirstObject+15)
	dev, err := tpm.New(t.Context(), ch)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = dev.Close() }()

	before, err := dev.Residents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var handles []uint32
	for _, r := range before {
		if r.What == "certificate of the RSA 2048 endorsement key" {
			handles = append(handles, r.Handle)
		}
	}
	if diff := cmp.Diff([]uint32{0x01C00002}, handles); diff != "" {
		t.Errorf("certificates (-want +got):\n%s", diff)
	}

	gone, err := dev.Forget(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []tpm.Resident{
		{Handle: tpm.FirstIndex, Ours: true, What: "tapbench's: a state is bound to it"},
		{Handle: tpm.FirstObject + 15, Ours: true, What: "tapbench's"},
	}
	if diff := cmp.Diff(want, gone); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	after, err := dev.Residents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rest := slices.DeleteFunc(before, func(r tpm.Resident) bool { return r.Ours })
	if diff := cmp.Diff(rest, after); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if again, err := dev.Forget(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("again: got %v, %v, want nothing to remove", again, err)
	}
}

func owner() tpm2.AuthHandle {
	return tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)}
}

func defineIndex(t *testing.T, bus transport.TPM, index tpm2.TPMHandle) {
	t.Helper()
	_, err := tpm2.NVDefineSpace{
		AuthHandle: owner(),
		PublicInfo: tpm2.New2B(tpm2.TPMSNVPublic{
			NVIndex: index, NameAlg: tpm2.TPMAlgSHA256, DataSize: 8,
			Attributes: tpm2.TPMANV{OwnerWrite: true, OwnerRead: true, NoDA: true},
		}),
	}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
}

func persistKey(t *testing.T, bus transport.TPM, handle tpm2.TPMHandle) {
	t.Helper()
	key, err := tpm2.CreatePrimary{
		PrimaryHandle: owner(), InPublic: tpm2.New2B(tpm2.ECCSRKTemplate),
	}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpm2.EvictControl{
		Auth:             owner(),
		ObjectHandle:     &tpm2.NamedHandle{Handle: key.ObjectHandle, Name: key.Name},
		PersistentHandle: handle,
	}.Execute(bus)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (tpm2.FlushContext{FlushHandle: key.ObjectHandle}).Execute(bus); err != nil {
		t.Fatal(err)
	}
}

package tpm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Handles that tapbench keeps for itself, 16 of each kind: everything of ours that outlives an
// operation is under them, and [TPM.Forget] removes what is there. They lie in the parts that the
// TCG leaves to a machine's owner (Registry of Reserved TPM 2.0 Handles and Localities, version
// 1.1).
const (
	FirstObject = 0x81007AB0 // persistent keys
	FirstIndex  = 0x01807AB0 // NV indices
	ownHandles  = 16
)

// Resident is something that outlives a restart of the TPM.
type Resident struct {
	Handle uint32
	// Ours says that it is under one of tapbench's handles.
	Ours bool
	// What says what usually lies under the handle, or that tapbench put it there.
	What string
}

// firstPersistent and firstNV begin the ranges of handles (Part 2, clause 7.5).
const (
	firstPersistent = 0x81000000
	firstNV         = 0x01000000
)

// Residents returns the persistent keys and the NV indices of the TPM, in ascending order of their
// kinds and handles.
func (t *TPM) Residents(ctx context.Context) ([]Resident, error) {
	var all []Resident
	err := t.do(ctx, func(bus transport.TPM) error {
		all = all[:0]
		for _, first := range []uint32{firstNV, firstPersistent} {
			handles, err := allHandles(bus, first)
			if err != nil {
				return err
			}
			for _, handle := range handles {
				all = append(all, Resident{Handle: handle, Ours: Ours(handle), What: resident(handle)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing what persists: %w", err)
	}
	return all, nil
}

// maxHandles bounds how many handles of a kind are believed in.
const maxHandles = 4096

// allHandles asks for the handles of a range until the TPM has no more.
func allHandles(bus transport.TPM, first uint32) ([]uint32, error) {
	var all []uint32
	for next := first; len(all) < maxHandles; {
		rsp, err := tpm2.GetCapability{
			Capability: tpm2.TPMCapHandles, Property: next, PropertyCount: handlesAtOnce,
		}.Execute(bus)
		if err != nil {
			return nil, err
		}
		list, err := rsp.CapabilityData.Data.Handles()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
		}
		for _, handle := range list.Handle {
			if uint32(handle) < next {
				return nil, fmt.Errorf("%w: handle %08X after %08X", ErrAnswer, uint32(handle), next)
			}
			all = append(all, uint32(handle))
			next = uint32(handle) + 1
		}
		if !rsp.MoreData || len(list.Handle) == 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("%w: more than %d handles", ErrAnswer, maxHandles)
}

// Ours reports whether a handle is one of those that tapbench keeps for itself.
func Ours(handle uint32) bool {
	return handle >= FirstObject && handle < FirstObject+ownHandles ||
		handle >= FirstIndex && handle < FirstIndex+ownHandles
}

// resident says what usually lies under a handle (TCG EK Credential Profile for TPM Family 2.0,
// version 2.3; Registry of Reserved TPM 2.0 Handles and Localities, version 1.1).
func resident(handle uint32) string {
	switch {
	case Ours(handle) && handle < firstPersistent:
		return "tapbench's: a state is bound to it"
	case Ours(handle):
		return "tapbench's"
	case handle == 0x81000001:
		return "storage root key"
	case handle == 0x81010001:
		return "endorsement key, RSA 2048"
	case handle == 0x81010016:
		return "endorsement key, ECC P-384"
	case handle == 0x01C00002:
		return "certificate of the RSA 2048 endorsement key"
	case handle == 0x01C00016:
		return "certificate of the ECC P-384 endorsement key"
	case handle >= 0x01C00000 && handle < 0x01C08000:
		return "the maker's, of the endorsement hierarchy"
	case handle >= 0x01C08000 && handle < 0x01C10000:
		return "the platform maker's"
	default:
		return ""
	}
}

// Forget removes what tapbench has put into the TPM for good, or only what is under these handles,
// and returns it. Nobody else's is touched. The owner's authorisation must be empty. What could not
// be removed is in the error; the rest is gone.
func (t *TPM) Forget(ctx context.Context, handles ...uint32) ([]Resident, error) {
	residents, err := t.Residents(ctx)
	if err != nil {
		return nil, err
	}
	var gone []Resident
	var failed []error
	for _, r := range residents {
		if !r.Ours || len(handles) > 0 && !slices.Contains(handles, r.Handle) {
			continue
		}
		err := t.do(ctx, func(bus transport.TPM) error { return forget(bus, tpm2.TPMHandle(r.Handle)) })
		if err != nil {
			failed = append(failed, fmt.Errorf("removing %08X: %w", r.Handle, err))
			continue
		}
		gone = append(gone, r)
	}
	return gone, errors.Join(failed...)
}

// forget removes an NV index or a persistent key of the owner.
func forget(bus transport.TPM, handle tpm2.TPMHandle) error {
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)}
	if uint32(handle) < firstPersistent {
		public, err := tpm2.NVReadPublic{NVIndex: handle}.Execute(bus)
		if err != nil {
			return err
		}
		_, err = tpm2.NVUndefineSpace{
			AuthHandle: owner, NVIndex: tpm2.NamedHandle{Handle: handle, Name: public.NVName},
		}.Execute(bus)
		return err
	}
	public, err := tpm2.ReadPublic{ObjectHandle: handle}.Execute(bus)
	if err != nil {
		return err
	}
	_, err = tpm2.EvictControl{
		Auth:             owner,
		ObjectHandle:     &tpm2.NamedHandle{Handle: handle, Name: public.Name},
		PersistentHandle: handle,
	}.Execute(bus)
	return err
}

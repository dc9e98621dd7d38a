package tpm

import (
	"context"
	"errors"
	"fmt"
)

// Index is one NV index that a state is bound to, as [TPM.DefineIndex] makes it.
type Index struct {
	TPM *TPM
	// Handle is one of the 16 handles from [FirstIndex] on.
	Handle uint32
}

// Index returns the index under the n-th of tapbench's handles, from 0. Errors: [ErrIndex].
func (t *TPM) Index(n int) (Index, error) {
	if n < 0 || n >= ownHandles {
		return Index{}, fmt.Errorf("%w: number %d isn't 0 to %d", ErrIndex, n, ownHandles-1)
	}
	return Index{TPM: t, Handle: FirstIndex + uint32(n)}, nil
}

// Read returns the index's value, or written = false where it isn't defined or never was extended.
// Errors: [ErrIndexKind].
func (i Index) Read(ctx context.Context) (value [IndexSize]byte, written bool, err error) {
	value, err = i.TPM.ReadIndex(ctx, i.Handle)
	if errors.Is(err, ErrNoIndex) {
		return value, false, nil
	}
	return value, err == nil, err
}

// Define defines the index, which isn't written then; one that is there already stays.
func (i Index) Define(ctx context.Context) error {
	err := i.TPM.defineIndex(ctx, i.Handle)
	if errors.Is(err, ErrIndexExists) {
		return nil
	}
	return err
}

// Begin gives an index that isn't written its first value, SHA-256 over 32 zeros and start. Where
// an earlier call was cut after it had defined the index, it goes on there.
func (i Index) Begin(ctx context.Context, start [IndexSize]byte) error {
	if err := i.Define(ctx); err != nil {
		return err
	}
	return i.Extend(ctx, start)
}

// Extend is [TPM.ExtendIndex].
func (i Index) Extend(ctx context.Context, digest [IndexSize]byte) error {
	return i.TPM.ExtendIndex(ctx, i.Handle, digest)
}

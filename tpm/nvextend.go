package tpm

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// The failures of an NV index that states are bound to. The TPM is as it was before.
var (
	// ErrIndex means that the handle isn't one of tapbench's, from [FirstIndex] on.
	ErrIndex = errors.New("not one of tapbench's NV indices")
	// ErrIndexExists means that the index is defined already. "tapbench tpm forget" removes it.
	ErrIndexExists = errors.New("NV index is defined already")
	// ErrNoIndex means that the index isn't defined or was never extended.
	ErrNoIndex = errors.New("no such NV index")
	// ErrIndexKind means that what is under the handle isn't an index as [TPM.DefineIndex] makes it:
	// it could be written otherwise than by extending it. Nobody of tapbench made it.
	ErrIndexKind = errors.New("NV index isn't of the kind that states are bound to")
)

// IndexSize is the length of an extend index's value, a SHA-256 digest, in bytes.
const IndexSize = 32

// DefineIndex defines an NV index of type TPM_NT_EXTEND and extends it by start, which should be
// random: then no state of an earlier index fits this one. The index's own authorisation is empty,
// as the owner's must be. Errors: [ErrIndex], [ErrIndexExists].
//
// Source: TPM 2.0 Library, revision 1.59, Part 2, clause 13; Part 3, clause 31.3.
func (t *TPM) DefineIndex(ctx context.Context, index uint32, start [IndexSize]byte) error {
	if err := t.defineIndex(ctx, index); err != nil {
		return err
	}
	return t.ExtendIndex(ctx, index, start)
}

// defineIndex defines an index without writing it.
func (t *TPM) defineIndex(ctx context.Context, index uint32) error {
	return t.onIndex(ctx, "defining", index, func(bus transport.TPM) error {
		_, err := tpm2.NVDefineSpace{
			AuthHandle: tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)},
			PublicInfo: tpm2.New2B(indexPublic(index)),
		}.Execute(bus)
		if errors.Is(err, tpm2.TPMRCNVDefined) {
			return ErrIndexExists
		}
		return err
	})
}

// indexPublic is the public area of our indices before they are written.
func indexPublic(index uint32) tpm2.TPMSNVPublic {
	return tpm2.TPMSNVPublic{
		NVIndex: tpm2.TPMHandle(index), NameAlg: tpm2.TPMAlgSHA256, DataSize: IndexSize,
		Attributes: tpm2.TPMANV{
			NT: tpm2.TPMNTExtend, AuthRead: true, AuthWrite: true, NoDA: true,
		},
	}
}

// checkIndex refuses an index that isn't as [TPM.DefineIndex] makes it.
func checkIndex(index uint32, public tpm2.TPM2BNVPublic) error {
	got, err := public.Contents()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	got.Attributes.Written = false
	if !bytes.Equal(tpm2.Marshal(*got), tpm2.Marshal(indexPublic(index))) {
		return ErrIndexKind
	}
	return nil
}

// ReadIndex returns the value of an index. Errors: [ErrNoIndex], [ErrIndexKind].
func (t *TPM) ReadIndex(ctx context.Context, index uint32) (value [IndexSize]byte, err error) {
	err = t.onIndex(ctx, "reading", index, func(bus transport.TPM) error {
		public, err := tpm2.NVReadPublic{NVIndex: tpm2.TPMHandle(index)}.Execute(bus)
		if err != nil {
			return err
		}
		if err := checkIndex(index, public.NVPublic); err != nil {
			return err
		}
		rsp, err := tpm2.NVRead{
			AuthHandle: tpm2.AuthHandle{
				Handle: tpm2.TPMHandle(index), Name: public.NVName, Auth: tpm2.PasswordAuth(nil),
			},
			NVIndex: tpm2.NamedHandle{Handle: tpm2.TPMHandle(index), Name: public.NVName},
			Size:    IndexSize,
		}.Execute(bus)
		if err != nil {
			return err
		}
		if len(rsp.Data.Buffer) != IndexSize {
			return fmt.Errorf("%w: %d bytes of NV", ErrAnswer, len(rsp.Data.Buffer))
		}
		copy(value[:], rsp.Data.Buffer)
		return nil
	})
	return value, err
}

// ExtendIndex makes an index's value SHA-256(value || digest). When the connection fails meanwhile,
// only a reading tells whether it was done.
func (t *TPM) ExtendIndex(ctx context.Context, index uint32, digest [IndexSize]byte) error {
	return t.onIndex(ctx, "extending", index, func(bus transport.TPM) error {
		return extendIndex(bus, index, digest)
	})
}

// UndefineIndex removes an index, or returns [ErrNoIndex].
func (t *TPM) UndefineIndex(ctx context.Context, index uint32) error {
	return t.onIndex(ctx, "removing", index, func(bus transport.TPM) error {
		return forget(bus, tpm2.TPMHandle(index))
	})
}

func (t *TPM) onIndex(
	ctx context.Context, doing string, index uint32, operation func(transport.TPM) error,
) error {
	if index < FirstIndex || index >= FirstIndex+ownHandles {
		return fmt.Errorf("%w: %08X", ErrIndex, index)
	}
	err := t.do(ctx, operation)
	if errors.Is(err, tpm2.TPMRCHandle) || errors.Is(err, tpm2.TPMRCNVUninitialized) {
		err = ErrNoIndex
	}
	if err != nil {
		return fmt.Errorf("%s NV index %08X: %w", doing, index, err)
	}
	return nil
}

// extendIndex is TPM2_NV_Extend (Part 3, clause 31.9) under an empty password, of which go-tpm
// knows the code only.
func extendIndex(bus transport.TPM, index uint32, digest [IndexSize]byte) error {
	const header, password = 10, 9
	command := make([]byte, 0, header+4+4+4+password+2+IndexSize)
	command = binary.BigEndian.AppendUint16(command, uint16(tpm2.TPMSTSessions))
	command = binary.BigEndian.AppendUint32(command, uint32(cap(command))) //nolint:gosec // 65
	command = binary.BigEndian.AppendUint32(command, uint32(tpm2.TPMCCNVExtend))
	command = binary.BigEndian.AppendUint32(command, index) // whose authorisation
	command = binary.BigEndian.AppendUint32(command, index)
	command = binary.BigEndian.AppendUint32(command, password)
	command = binary.BigEndian.AppendUint32(command, uint32(tpm2.TPMRSPW))
	command = append(command, 0, 0, 0, 0, 0) // no nonce, no attributes, an empty password
	command = binary.BigEndian.AppendUint16(command, IndexSize)
	command = append(command, digest[:]...)
	answer, err := bus.Send(command)
	if err != nil {
		return err
	}
	if len(answer) < header {
		return fmt.Errorf("%w: %d bytes", ErrAnswer, len(answer))
	}
	if code := tpm2.TPMRC(binary.BigEndian.Uint32(answer[6:])); code != tpm2.TPMRCSuccess {
		return code
	}
	return nil
}

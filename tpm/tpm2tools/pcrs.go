package tpm2tools

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrFormat means that a file isn't in the form in which tpm2-tools writes it, or not one for the
// SHA-256 bank.
var ErrFormat = errors.New("not a file of tpm2-tools")

// PCR is one PCR's value in the SHA-256 bank.
type PCR struct {
	Number int // 0..23
	Value  [32]byte
}

// Sizes in bytes and numbers of the structures as C lays them out.
const (
	selections    = 16 // TPM2_NUM_PCR_BANKS
	selectionSize = 8  // TPMS_PCR_SELECTION: hash 2, size 1, bitmap 4, padding 1
	listSize      = 4 + selections*selectionSize
	digests       = 8  // in a TPML_DIGEST
	digestSize    = 66 // TPM2B_DIGEST: size 2, buffer 64
	digestsSize   = 4 + digests*digestSize
	maxPCR        = 23
	algSHA256     = 0x000B
)

// EncodePCRs returns the file that tpm2_quote --pcr writes by default:
//
//	selection  132   TPML_PCR_SELECTION: count, 16 x (hash, size, bitmap, padding)
//	lists        4   how many TPML_DIGEST follow
//	digests  n*532   TPML_DIGEST: count, 8 x (size, 64 bytes)
//
// The PCRs must be given in ascending order ([ErrFormat]).
func EncodePCRs(pcrs []PCR) ([]byte, error) {
	lists := (len(pcrs) + digests - 1) / digests
	out := make([]byte, listSize+4+lists*digestsSize)
	order := binary.LittleEndian
	order.PutUint32(out, 1)
	order.PutUint16(out[4:], algSHA256)
	out[6] = 3
	for i, pcr := range pcrs {
		if pcr.Number < 0 || pcr.Number > maxPCR || i > 0 && pcr.Number <= pcrs[i-1].Number {
			return nil, fmt.Errorf("%w: PCR %d after others", ErrFormat, pcr.Number)
		}
		out[7+pcr.Number/8] |= 1 << (pcr.Number % 8)
	}
	order.PutUint32(out[listSize:], uint32(lists)) //nolint:gosec // at most 3
	rest := out[listSize+4:]
	for chunk := range slices.Chunk(pcrs, digests) {
		order.PutUint32(rest, uint32(len(chunk))) //nolint:gosec // at most 8
		for i, pcr := range chunk {
			at := 4 + i*digestSize
			order.PutUint16(rest[at:], uint16(len(pcr.Value)))
			copy(rest[at+2:], pcr.Value[:])
		}
		rest = rest[digestsSize:]
	}
	return out, nil
}

// ParsePCRs reads such a file: one bank, SHA-256, and exactly the values of the PCRs that are
// selected. Everything else is [ErrFormat].
func ParsePCRs(b []byte) ([]PCR, error) {
	order := binary.LittleEndian
	if len(b) < listSize+4 || (len(b)-listSize-4)%digestsSize != 0 {
		return nil, fmt.Errorf("%w: PCR file of %d bytes", ErrFormat, len(b))
	}
	if banks := order.Uint32(b); banks != 1 || order.Uint16(b[4:]) != algSHA256 || b[6] != 3 {
		return nil, fmt.Errorf("%w: %d banks, the first of them %04X; want one, 000B", ErrFormat,
			banks, order.Uint16(b[4:]))
	}
	var pcrs []PCR
	for number := range maxPCR + 1 {
		if b[7+number/8]&(1<<(number%8)) != 0 {
			pcrs = append(pcrs, PCR{Number: number})
		}
	}
	lists := (len(b) - listSize - 4) / digestsSize
	if claimed := order.Uint32(b[listSize:]); uint64(claimed) != uint64(lists) {
		return nil, fmt.Errorf("%w: %d lists of digests announced, %d there", ErrFormat, claimed, lists)
	}
	read := 0
	for rest := range slices.Chunk(b[listSize+4:], digestsSize) {
		count := order.Uint32(rest)
		if count > digests {
			return nil, fmt.Errorf("%w: %d digests in a list", ErrFormat, count)
		}
		for i := range int(count) {
			at := 4 + i*digestSize
			if read == len(pcrs) || order.Uint16(rest[at:]) != 32 {
				return nil, fmt.Errorf("%w: digest %d isn't that of a selected PCR", ErrFormat, read+1)
			}
			copy(pcrs[read].Value[:], rest[at+2:])
			read++
		}
	}
	if read != len(pcrs) {
		return nil, fmt.Errorf("%w: %d PCRs selected, %d values", ErrFormat, len(pcrs), read)
	}
	return pcrs, nil
}

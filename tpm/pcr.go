package tpm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"tapbench/tpm/measure"
)

// nonceSize is the length of a session's nonces in bytes.
const nonceSize = 16

// withSession calls use with an HMAC session for one command. The session's key comes from a salt
// that is encrypted to the EK: command and answer can't change on the way without being noticed.
func (t *TPM) withSession(
	bus transport.TPM, use func(tpm2.Session) error, options ...tpm2.AuthOption,
) error {
	return t.withEK(bus, func(ek *endorsementKey) error {
		options = append(options, tpm2.Salted(ek.handle, ek.public))
		return use(tpm2.HMAC(tpm2.TPMAlgSHA256, nonceSize, options...))
	})
}

// checkPCR refuses numbers that no PC Client TPM has.
func checkPCR(pcr int) error {
	if pcr < 0 || pcr > measure.MaxPCR {
		return fmt.Errorf("%w: %d", ErrPCR, pcr)
	}
	return nil
}

// selectPCRs names PCRs of the SHA-256 bank.
func selectPCRs(pcrs ...int) (tpm2.TPMLPCRSelection, error) {
	numbers := make([]uint, 0, len(pcrs))
	for _, pcr := range pcrs {
		if err := checkPCR(pcr); err != nil {
			return tpm2.TPMLPCRSelection{}, err
		}
		numbers = append(numbers, uint(pcr))
	}
	return tpm2.TPMLPCRSelection{PCRSelections: []tpm2.TPMSPCRSelection{{
		Hash: tpm2.TPMAlgSHA256, PCRSelect: tpm2.PCClientCompatible.PCRs(numbers...),
	}}}, nil
}

// ReadPCR returns a PCR's value in the SHA-256 bank, under an audit session. Nobody else should
// believe it: for that there are quotes.
func (t *TPM) ReadPCR(ctx context.Context, pcr int) ([32]byte, error) {
	selection, err := selectPCRs(pcr)
	if err != nil {
		return [32]byte{}, err
	}
	var value [32]byte
	err = t.do(ctx, func(bus transport.TPM) error {
		return t.withSession(bus, func(session tpm2.Session) error {
			rsp, err := tpm2.PCRRead{PCRSelectionIn: selection}.Execute(bus, session)
			if err != nil {
				return err
			}
			digests := rsp.PCRValues.Digests
			if len(digests) != 1 || len(digests[0].Buffer) != len(value) {
				return ErrPCR
			}
			copy(value[:], digests[0].Buffer)
			return nil
		}, tpm2.Audit())
	})
	if err != nil {
		return [32]byte{}, fmt.Errorf("reading PCR %d: %w", pcr, err)
	}
	return value, nil
}

// ExtendPCR extends a PCR's SHA-256 bank by a digest. When the connection fails meanwhile, only a
// reading tells whether it was done.
func (t *TPM) ExtendPCR(ctx context.Context, pcr int, digest [32]byte) error {
	if err := checkPCR(pcr); err != nil {
		return err
	}
	err := t.do(ctx, func(bus transport.TPM) error {
		return t.withSession(bus, func(session tpm2.Session) error {
			_, err := tpm2.PCRExtend{
				PCRHandle: pcrHandle(pcr, session),
				Digests: tpm2.TPMLDigestValues{Digests: []tpm2.TPMTHA{
					{HashAlg: tpm2.TPMAlgSHA256, Digest: digest[:]},
				}},
			}.Execute(bus)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("extending PCR %d: %w", pcr, err)
	}
	return nil
}

// ExtendMeasurement extends the entry's PCR by its template hash. The caller has put the entry into
// its list before.
func (t *TPM) ExtendMeasurement(ctx context.Context, e measure.Entry) error {
	return t.ExtendPCR(ctx, e.PCR, e.TemplateHash())
}

// ResetPCR sets a PCR to zero. Any local program may do so with 16 and 23; the others are
// [ErrNotResettable].
func (t *TPM) ResetPCR(ctx context.Context, pcr int) error {
	if err := checkPCR(pcr); err != nil {
		return err
	}
	err := t.do(ctx, func(bus transport.TPM) error {
		return t.withSession(bus, func(session tpm2.Session) error {
			_, err := tpm2.PCRReset{PCRHandle: pcrHandle(pcr, session)}.Execute(bus)
			if errors.Is(err, tpm2.TPMRCLocality) {
				return ErrNotResettable
			}
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("resetting PCR %d: %w", pcr, err)
	}
	return nil
}

func pcrHandle(pcr int, session tpm2.Session) tpm2.AuthHandle {
	return tpm2.AuthHandle{Handle: tpm2.TPMHandle(pcr), Auth: session} //nolint:gosec // checked
}

// MeasureFile measures a file: it hashes the content and returns the entry for PCR 10 under the
// file's absolute path. What is no regular file is refused with [measure.ErrEntry].
func MeasureFile(path string) (measure.Entry, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return measure.Entry{}, fmt.Errorf("measuring %s: %w", path, err)
	}
	file, err := os.Open(abs)
	if err != nil {
		return measure.Entry{}, fmt.Errorf("measuring: %w", err)
	}
	defer file.Close() //nolint:errcheck // read only: nothing is lost
	return MeasureOpen(file)
}

// MeasureOpen is [MeasureFile] for a file that was opened by its absolute path and hasn't been read
// yet.
func MeasureOpen(file *os.File) (measure.Entry, error) {
	info, err := file.Stat()
	if err != nil {
		return measure.Entry{}, fmt.Errorf("measuring: %w", err)
	}
	if !info.Mode().IsRegular() {
		return measure.Entry{}, fmt.Errorf("measuring %s: %w: not a regular file", file.Name(),
			measure.ErrEntry)
	}
	return measure.Content(file.Name(), file)
}

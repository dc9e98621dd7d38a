package tpm_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-tpm/tpm2"

	"tapbench/tpm"
	"tapbench/tpm/channel"
	"tapbench/tpm/credential"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

// spoiler changes answers on their way from the TPM: it gets the command's code and the answer.
type spoiler func(code tpm2.TPMCC, answer []byte) []byte

// openSpoiled opens a TPM over a bus that spoils answers.
func openSpoiled(t *testing.T, process *swtpm.Process, spoil spoiler) (*tpm.TPM, error) {
	t.Helper()
	behind, err := process.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer theirs.Close()
		defer behind.Close() // for the next client
		buffer := make([]byte, channel.MaxMessage)
		for {
			n, err := theirs.Read(buffer)
			if err != nil {
				return
			}
			answer, err := behind.Send(buffer[:n])
			if err != nil {
				return
			}
			code := tpm2.TPMCC(binary.BigEndian.Uint32(buffer[6:]))
			if _, err := theirs.Write(spoil(code, answer)); err != nil {
				return
			}
		}
	}()
	ch := channel.New(ours, "a bad bus")
	t.Cleanup(func() {
		ch.Close()
		<-done
	})
	dev, err := tpm.New(t.Context(), ch)
	if err != nil {
		ch.Close()
	}
	return dev, err
}

// TestBus_flippedBit flips one bit in each place of an answer to TPM2_PCR_Read: the session's HMAC
// notices every one.
func TestBus_flippedBit(t *testing.T) {
	process := swtpmtest.Start(t)
	place := -1
	spoil := func(code tpm2.TPMCC, answer []byte) []byte {
		if code == tpm2.TPMCCPCRRead && place >= 0 && place < len(answer) {
			answer[place] ^= 1
		}
		return answer
	}
	dev, err := openSpoiled(t, process, spoil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dev.ReadPCR(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	// The header ends the channel or changes the result code; behind it come the length of the
	// parameters, the update counter, selection, value, nonce, attributes and HMAC.
	const first, last = channel.HeaderSize, channel.HeaderSize + 4 + 4 + 10 + 4 + 34 + 18 + 1 + 34
	for place = first; place < last; place += 3 {
		if value, err := dev.ReadPCR(t.Context(), 10); err == nil {
			t.Errorf("byte %d: got %x, want an error", place, value)
		}
	}
}

// TestBus_nonsense answers every command of every operation with random bytes behind a good header,
// or with an answer cut short. Whatever it is, it ends in an error, never in a panic.
func TestBus_nonsense(t *testing.T) {
	process := swtpmtest.Start(t)
	good := open(t, process)
	ak := mustAK(t, good, seed)
	shown, err := good.EK(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	challenge := mustMake(t, shown.Key, ak)
	good.Close()
	question := quote.Binding{
		Purpose: quote.PurposeAID, Nonce: make([]byte, 16), SoftwareID: "x", SE: newPoint(t),
	}
	operations := map[string]func(context.Context, *tpm.TPM) error{
		"open": func(context.Context, *tpm.TPM) error { return nil },
		"EK":   func(ctx context.Context, d *tpm.TPM) error { _, err := d.EK(ctx); return err },
		"AK":   func(ctx context.Context, d *tpm.TPM) error { _, err := d.AK(ctx, seed); return err },
		"read": func(ctx context.Context, d *tpm.TPM) error { _, err := d.ReadPCR(ctx, 10); return err },
		"extend": func(ctx context.Context, d *tpm.TPM) error {
			return d.ExtendPCR(ctx, 23, [32]byte{})
		},
		"reset": func(ctx context.Context, d *tpm.TPM) error { return d.ResetPCR(ctx, 23) },
		"evidence": func(ctx context.Context, d *tpm.TPM) error {
			_, err := d.Evidence(ctx, ak, question, []int{10}, new(measure.List))
			return err
		},
		"activate": func(ctx context.Context, d *tpm.TPM) error {
			_, err := d.ActivateCredential(ctx, ak, challenge)
			return err
		},
	}
	random := rand.New(rand.NewPCG(1, 2))
	for name, operation := range operations {
		t.Run(name, func(t *testing.T) {
			for round := range 120 {
				which, count := round%8, 0
				dev, err := openSpoiled(t, process, func(_ tpm2.TPMCC, answer []byte) []byte {
					if count++; count-1 != which {
						return answer
					}
					return nonsense(random, answer)
				})
				if err == nil {
					_ = operation(t.Context(), dev) // an error or luck, never a panic
					dev.Close()
				}
			}
		})
	}
}

// nonsense makes an answer that frames itself well and says nothing that is.
func nonsense(random *rand.Rand, answer []byte) []byte {
	switch random.IntN(3) {
	case 0: // cut short
		answer = answer[:channel.HeaderSize+random.IntN(len(answer)-channel.HeaderSize+1)]
	case 1: // success with random bytes
		answer = append(answer[:channel.HeaderSize], make([]byte, random.IntN(200))...)
		for i := range answer[channel.HeaderSize:] {
			answer[channel.HeaderSize+i] = byte(random.Uint32())
		}
		binary.BigEndian.PutUint32(answer[6:], 0)
	default: // some changed bytes
		for range 1 + random.IntN(4) {
			answer[channel.HeaderSize-4+random.IntN(len(answer)-6)] = byte(random.Uint32())
		}
	}
	binary.BigEndian.PutUint32(answer[2:], uint32(len(answer)))
	return answer
}

// TestBus_leftovers fills the TPM as clients do that die between two commands.
func TestBus_leftovers(t *testing.T) {
	process := swtpmtest.Start(t)
	ch, err := process.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := (tpm2.CreatePrimary{
			PrimaryHandle: tpm2.TPMRHOwner, InPublic: tpm2.New2B(tpm2.ECCSRKTemplate),
		}).Execute(ch); err != nil {
			t.Fatal(err)
		}
		if _, _, err := tpm2.HMACSession(ch, tpm2.TPMAlgSHA256, 16); err != nil {
			t.Fatal(err)
		}
	}
	ch.Close()
	if n := len(loaded(t, process)); n != 6 {
		t.Fatalf("got %d left behind, want 6", n)
	}
	dev := open(t, process)
	mustAK(t, dev, seed)
	if _, err := dev.ReadPCR(t.Context(), 10); err != nil {
		t.Error(err)
	}
	dev.Close()
	if left := loaded(t, process); len(left) != 0 {
		t.Errorf("still loaded: %08X", left)
	}
}

// TestBus_cancelled ends an operation while the TPM keeps its answer back.
func TestBus_cancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := tpm.New(ctx, channel.New(ours, "a slow bus"))
		if !errors.Is(err, tpm.ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want ErrBusy and the context's error", err)
		}
	})
}

// TestNew_refuses answers with properties that aren't a TPM 2.0's.
func TestNew_refuses(t *testing.T) {
	process := swtpmtest.Start(t)
	_, err := openSpoiled(t, process, func(code tpm2.TPMCC, answer []byte) []byte {
		if code == tpm2.TPMCCGetCapability {
			copy(answer[strings.Index(string(answer), "2.0\x00"):], "1.2\x00")
		}
		return answer
	})
	if !errors.Is(err, tpm.ErrNotTPM2) {
		t.Errorf("got %v, want ErrNotTPM2", err)
	}
	_, err = openSpoiled(t, process, func(code tpm2.TPMCC, answer []byte) []byte {
		if code == tpm2.TPMCCStartup {
			binary.BigEndian.PutUint32(answer[6:], 0x101) // TPM_RC_FAILURE
		}
		return answer
	})
	if !errors.Is(err, tpm2.TPMRCFailure) {
		t.Errorf("a TPM that failed: got %v, want its code", err)
	}
}

// TestEK_refuses hides or changes what enrolment rests on.
func TestEK_refuses(t *testing.T) {
	process := swtpmtest.Start(t)
	for _, row := range []struct {
		name  string
		spoil spoiler
		want  error
	}{
		{"no certificate", func(code tpm2.TPMCC, answer []byte) []byte {
			if code == tpm2.TPMCCNVReadPublic {
				return refuse(answer, 0x18B) // TPM_RC_HANDLE, handle 1
			}
			return answer
		}, tpm.ErrNoEKCertificate},
		{"an NV index full of something else", func(code tpm2.TPMCC, answer []byte) []byte {
			if code == tpm2.TPMCCNVRead {
				answer[channel.HeaderSize+6] = 0xFF // where the certificate begins
			}
			return answer
		}, tpm.ErrNoEKCertificate},
		{"a key of another template", func(code tpm2.TPMCC, answer []byte) []byte {
			if code == tpm2.TPMCCReadPublic {
				answer[channel.HeaderSize+2+7] ^= 0x20 // sensitiveDataOrigin
			}
			return answer
		}, tpm.ErrEK},
		{"a key that isn't the certificate's", func(code tpm2.TPMCC, answer []byte) []byte {
			if code == tpm2.TPMCCReadPublic {
				answer[channel.HeaderSize+2+310] ^= 1 // in the modulus
			}
			return answer
		}, tpm.ErrEK},
	} {
		t.Run(row.name, func(t *testing.T) {
			dev, err := openSpoiled(t, process, row.spoil)
			if err != nil {
				t.Fatal(err)
			}
			defer dev.Close()
			if _, err := dev.EK(t.Context()); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	t.Run("a key that changed since", func(t *testing.T) { changeKey(t, process) })
	t.Run("without the maker's persistent key", func(t *testing.T) { hideKey(t, process) })
	if left := loaded(t, process); len(left) != 0 {
		t.Errorf("still loaded: %08X", left)
	}
}

// refuse makes an answer that is nothing but a response code.
func refuse(answer []byte, code uint32) []byte {
	out := append(answer[:0], 0x80, 0x01, 0, 0, 0, 10)
	return binary.BigEndian.AppendUint32(out, code)
}

func changeKey(t *testing.T, process *swtpm.Process) {
	t.Helper()
	spoiled := false
	dev, err := openSpoiled(t, process, func(code tpm2.TPMCC, answer []byte) []byte {
		if spoiled && code == tpm2.TPMCCReadPublic {
			answer[channel.HeaderSize+2+310] ^= 1
		}
		return answer
	})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	if _, err := dev.ReadPCR(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	spoiled = true
	if _, err := dev.ReadPCR(t.Context(), 10); !errors.Is(err, tpm.ErrEK) {
		t.Errorf("got %v, want ErrEK", err)
	}
}

// hideKey makes the TPM one whose maker left no key loaded: it is made anew from the template.
func hideKey(t *testing.T, process *swtpm.Process) {
	t.Helper()
	dev, err := openSpoiled(t, process, func(code tpm2.TPMCC, answer []byte) []byte {
		if code == tpm2.TPMCCReadPublic {
			return refuse(answer, 0x18B)
		}
		return answer
	})
	if err != nil {
		t.Fatal(err)
	}
	ak := mustAK(t, dev, seed)
	shown, err := dev.EK(t.Context()) // made anew from the template: the same key
	if err != nil {
		t.Fatal(err)
	}
	answer, err := dev.ActivateCredential(t.Context(), ak, mustMake(t, shown.Key, ak))
	if err != nil || !credential.Answered([32]byte{1}, answer) {
		t.Errorf("got %x, %v", answer, err)
	}
	dev.Close()
}

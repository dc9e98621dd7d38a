package tpm_test

import (
	"io"
	"net"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/tpm"
	"tapbench/tpm/measure"
	"tapbench/tpm/swtpm"
	"tapbench/tpm/swtpm/swtpmtest"
)

// TestTPM makes the same demands of a TPM at each kind of place.
func TestTPM(t *testing.T) {
	dir := swtpmtest.Dir(t)
	for name, place := range map[string]func(*testing.T, *swtpm.Process) string{
		"unix socket": func(_ *testing.T, p *swtpm.Process) string { return "unix:" + p.Socket() },
		"path":        func(_ *testing.T, p *swtpm.Process) string { return p.Socket() },
		"TCP":         forward,
	} {
		t.Run(name, func(t *testing.T) {
			process := swtpmtest.StartIn(t, dir) // from zero: the same TPM after a reboot
			where := place(t, process)
			dev := openAt(t, where)
			t.Run("info", func(t *testing.T) {
				want := tpm.Info{
					Where: where, Manufacturer: "IBM", Model: "SW   TPM",
					Firmware: dev.Info().Firmware, Revision: dev.Info().Revision,
				}
				if diff := cmp.Diff(want, dev.Info()); diff != "" || want.Revision < 138 {
					t.Errorf("info (-want +got):\n%s", diff)
				}
			})
			t.Run("PCRs", func(t *testing.T) { testPCRs(t, dev) })
			t.Run("attestation key", func(t *testing.T) { testAK(t, dev) })
			t.Run("enrolment", func(t *testing.T) { testEnrolment(t, process, dev) })
			t.Run("evidence", func(t *testing.T) { testEvidence(t, dev, measure.DefaultPCR) })
			t.Run("leaves nothing loaded", func(t *testing.T) {
				if err := dev.Close(); err != nil {
					t.Fatal(err)
				}
				if left := loaded(t, process); len(left) != 0 {
					t.Errorf("still loaded: %08X", left)
				}
			})
		})
	}
}

// TestTPM_named makes them of the TPM that TAPBENCH_TEST_TPM names, such as /dev/tpmrm0. It resets
// and extends PCR 23, as any program may, and leaves nothing else behind.
func TestTPM_named(t *testing.T) {
	where := os.Getenv("TAPBENCH_TEST_TPM")
	if where == "" {
		where = "unix:" + swtpmtest.Start(t).Socket()
	}
	dev := openAt(t, where)
	if dev.Info().Where != where || dev.Info().Manufacturer == "" {
		t.Errorf("got %+v", dev.Info())
	}
	t.Run("PCRs", func(t *testing.T) { testPCRs(t, dev) })
	t.Run("attestation key", func(t *testing.T) { testAK(t, dev) })
	t.Run("evidence", func(t *testing.T) {
		if err := dev.ResetPCR(t.Context(), measure.LaunchPCR); err != nil {
			t.Fatal(err)
		}
		testEvidence(t, dev, measure.LaunchPCR)
	})
}

// forward returns a place on TCP that leads to the TPM's socket, for one connection.
func forward(t *testing.T, process *swtpm.Process) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	go func() {
		defer close(done)
		client, err := listener.Accept()
		if err != nil {
			return
		}
		defer client.Close()
		device, err := net.Dial("unix", process.Socket())
		if err != nil {
			return
		}
		defer device.Close()
		go func() {
			defer device.Close() // the client has gone
			_, _ = io.Copy(device, client)
		}()
		_, _ = io.Copy(client, device)
	}()
	return "tcp:" + listener.Addr().String()
}

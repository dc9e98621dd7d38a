package bench_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/tpm"
)

func TestAskNamesTheSilentPart(t *testing.T) {
	dir := t.TempDir()
	mute, err := net.Listen("unix", filepath.Join(dir, "mute"))
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		socket string
		want   error
		words  string
	}{
		"a TPM that isn't there":         {t.Context(), "nowhere", bench.ErrSilent, "the TPM at unix:"},
		"so does its cause":              {t.Context(), "nowhere", tpm.ErrNoTPM, "doesn't answer"},
		"a TPM that takes and is silent": {soon, "mute", context.DeadlineExceeded, "asking the TPM"},
	} {
		t.Run(name, func(t *testing.T) {
			err := bench.Ask(c.ctx, bench.Question{TPM: "unix:" + filepath.Join(dir, c.socket)})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v, want %v with %q", err, c.want, c.words)
			}
		})
	}
	if err := bench.Ask(t.Context(), bench.Question{}); err != nil {
		t.Errorf("nobody was asked: %v", err)
	}
}

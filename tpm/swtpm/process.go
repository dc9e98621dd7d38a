package swtpm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/rs/zerolog"

	"tapbench/tpm/channel"
	"tapbench/tpm/ek"
)

// startTimeout bounds Start where its context doesn't: the CA's two RSA keys take a while on a
// small machine.
const startTimeout = time.Minute

// Config says where and how a TPM runs.
type Config struct {
	// Dir is the TPM's folder, an absolute path. It is made if it isn't there; its parent must be.
	Dir string
	// Temporary makes Stop remove the TPM, and the folder if Start made it.
	Temporary bool
	// Programs are the programs to run; the zero value finds them in PATH.
	Programs Programs
	// Log gets a line when the TPM starts and ends. The zero value is silent.
	Log zerolog.Logger
}

// Process is a running swtpm.
type Process struct {
	cfg      Config
	folder   *folder
	child    *child
	output   *tail
	stopping atomic.Bool
	stopOnce sync.Once
	stopErr  error
}

// Start runs the TPM of a folder, which it manufactures if there is none, and returns when the TPM
// has answered a command. The context bounds the start only; the TPM runs until Stop, or until this
// process ends. On failure nothing is left that wasn't there before. Errors: [ErrMissing],
// [ErrDir], [ErrInUse], [ErrSetup], [ErrDied], or the context's.
func Start(ctx context.Context, cfg Config) (_ *Process, err error) {
	programs, err := cfg.Programs.find()
	if err != nil {
		return nil, err
	}
	f, err := claim(cfg.Dir)
	if err != nil {
		return nil, err
	}
	fresh := false
	defer func() {
		if err != nil {
			err = errors.Join(err, f.clear(fresh), f.release())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	there, err := f.manufactured()
	if err != nil {
		return nil, err
	}
	if fresh = !there; fresh {
		begun := time.Now()
		if err := f.manufacture(ctx, programs); err != nil {
			return nil, err
		}
		cfg.Log.Debug().Str("dir", f.path).Dur("dur_ms", time.Since(begun)).Msg("tpm manufactured")
	}
	p := &Process{cfg: cfg, folder: f, output: new(tail)}
	if err := p.launch(ctx, programs.SWTPM); err != nil {
		return nil, err
	}
	if err := p.ready(ctx); err != nil {
		p.stopping.Store(true)
		p.child.stop()
		return nil, err
	}
	cfg.Log.Debug().Int("pid", p.child.cmd.Process.Pid).Str("socket", f.data()).Msg("swtpm runs")
	return p, nil
}

// launch opens both sockets and starts swtpm on them.
func (p *Process) launch(ctx context.Context, program string) error {
	if err := p.folder.clear(false); err != nil {
		return fmt.Errorf("clearing old sockets: %w", err)
	}
	data, err := listen(ctx, p.folder.data())
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // swtpm has its own copy
	control, err := listen(ctx, p.folder.control())
	if err != nil {
		return err
	}
	defer control.Close() //nolint:errcheck // swtpm has its own copy
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, "socket", "--tpm2",
		"--tpmstate", "dir="+p.folder.state(),
		// The first of ExtraFiles is descriptor 3.
		"--server", "type=unixio,fd=3", "--ctrl", "type=unixio,fd=4",
		"--flags", "not-need-init,startup-clear")
	cmd.ExtraFiles = []*os.File{data, control}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	p.child, err = launch(cmd)
	if err != nil {
		return fmt.Errorf("starting swtpm: %w", err)
	}
	return nil
}

// listen opens a socket and returns its descriptor, which listens already.
func listen(ctx context.Context, path string) (*os.File, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("opening the TPM's socket: %w", err)
	}
	defer listener.Close() //nolint:errcheck // the copy below lives on
	unix, ok := listener.(*net.UnixListener)
	if !ok {
		return nil, fmt.Errorf("opening the TPM's socket: %s isn't a unix socket", path)
	}
	unix.SetUnlinkOnClose(false)
	return unix.File()
}

// ready waits for the first answer.
func (p *Process) ready(ctx context.Context) error {
	ch, err := p.Open(ctx)
	if err == nil {
		_, err = tpm2.GetCapability{
			Capability:    tpm2.TPMCapTPMProperties,
			Property:      uint32(tpm2.TPMPTManufacturer),
			PropertyCount: 1,
		}.Execute(ch.Bind(ctx))
		err = errors.Join(err, ch.Close())
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, channel.ErrGone) || errors.Is(err, channel.ErrNoTPM) {
		select {
		case <-p.child.done: // it closed its sockets: swtpm is on its way out
		case <-ctx.Done():
		}
	}
	if died := p.Err(); died != nil {
		return died
	}
	return fmt.Errorf("waiting for swtpm: %w", err)
}

// Socket returns the data socket's path. One client is served at a time.
func (p *Process) Socket() string { return p.folder.data() }

// TCTI returns the place of the TPM as tpm2-tools want it, in TPM2TOOLS_TCTI or after -T.
func (p *Process) TCTI() string { return "swtpm:path=" + p.folder.data() }

// PID returns swtpm's process identity.
func (p *Process) PID() int { return p.child.cmd.Process.Pid }

// Open connects to the TPM. One data client is served at a time: while another has the TPM, the
// first command waits until that one closes, and ends in [channel.ErrBusy] if it doesn't.
func (p *Process) Open(ctx context.Context) (*channel.Channel, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	return channel.Dial(ctx, "unix:"+p.folder.data())
}

// EKRoots returns the certificates of the CA that certified the TPM's endorsement keys, and the
// path of the PEM file that they are in.
func (p *Process) EKRoots() (string, *ek.Roots, error) {
	text, err := os.ReadFile(p.folder.roots())
	if err != nil {
		return "", nil, fmt.Errorf("reading the EK roots: %w", err)
	}
	roots, err := ek.ParseRoots(text)
	return p.folder.roots(), roots, err
}

// Done is closed when swtpm has ended.
func (p *Process) Done() <-chan struct{} { return p.child.done }

// Err says whether and why the TPM no longer runs: nil while it does, [ErrStopped] after Stop, else
// [ErrDied] with swtpm's last words. An ErrDied is a [channel.ErrGone] too.
func (p *Process) Err() error {
	switch {
	case p.child.alive():
		return nil
	case p.stopping.Load():
		return ErrStopped
	default:
		return fmt.Errorf("%w: %w (%v: %s)", ErrDied, channel.ErrGone, p.child.cmd.ProcessState,
			p.output)
	}
}

// Stop ends the TPM and removes its sockets, and the TPM itself if it is temporary. It returns an
// [ErrDied] if swtpm had ended before by itself; the removal is done all the same. Stop is
// idempotent.
func (p *Process) Stop() error {
	p.stopOnce.Do(func() {
		died := p.Err()
		if died == nil {
			p.stopping.Store(true)
			p.child.stop()
		} else {
			p.cfg.Log.Error().Err(died).Msg("swtpm had died")
		}
		p.stopErr = errors.Join(died, p.folder.clear(p.cfg.Temporary), p.folder.release())
		p.cfg.Log.Debug().Str("dir", p.folder.path).Msg("swtpm ended")
	})
	return p.stopErr
}

package device

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/trace"
)

// OpenTrace opens a trace, or standard input for -.
func OpenTrace(a *shell.App, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(a.In), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the trace: %w", err)
	}
	return file, nil
}

// TraceError says which file is at fault.
func TraceError(path string, err error) error {
	if path == "-" {
		path = "standard input"
	}
	return fmt.Errorf("%s: %w", path, err)
}

// TraceReader opens a trace and reads its header.
func TraceReader(a *shell.App, path string) (trace.Source, func(), error) {
	in, err := OpenTrace(a, path)
	if err != nil {
		return nil, nil, err
	}
	r, err := trace.Open(BufferedReader(in))
	if err != nil {
		_ = in.Close()
		return nil, nil, TraceError(path, err)
	}
	return r, func() { _ = in.Close() }, nil
}

// BufferedReader reads files in large pieces.
func BufferedReader(r io.Reader) io.Reader { return bufio.NewReaderSize(r, 64<<10) }

package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/trace"
)

// openTrace opens a trace, or standard input for -.
func openTrace(a *shell.App, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(a.In), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the trace: %w", err)
	}
	return file, nil
}

// traceError says which file is at fault.
func traceError(path string, err error) error {
	if path == "-" {
		path = "standard input"
	}
	return fmt.Errorf("%s: %w", path, err)
}

// traceReader opens a trace and reads its header.
func traceReader(a *shell.App, path string) (trace.Source, func(), error) {
	in, err := openTrace(a, path)
	if err != nil {
		return nil, nil, err
	}
	r, err := trace.Open(bufferedReader(in))
	if err != nil {
		_ = in.Close()
		return nil, nil, traceError(path, err)
	}
	return r, func() { _ = in.Close() }, nil
}

// bufferedReader reads files in large pieces.
func bufferedReader(r io.Reader) io.Reader { return bufio.NewReaderSize(r, 64<<10) }

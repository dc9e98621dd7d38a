package convert

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture"
	"tapbench/pcsc/trace/logs"
)

// Source is a dialogue that is being read.
type Source interface {
	// Header returns what stands before the dialogue.
	Header() trace.Header
	// Next returns the next step, or io.EOF after the last.
	Next() (trace.Step, error)
	// Losses says what was read so far that a trace can't say.
	Losses() []string
}

// Options say how to read and write.
type Options struct {
	// From is the form to read; empty to find out.
	From Form
	// Reader is the reader whose dialogue is meant where a log has several.
	Reader string
	// Package is the name of the package of Go source.
	Package string
}

// Open finds out the form of a dialogue, unless it is named, and reads up to its first step.
func Open(r io.Reader, o Options) (Source, Form, error) {
	in := bufio.NewReaderSize(r, 4096)
	form := o.From
	if form == "" {
		head, err := in.Peek(256)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, "", err
		}
		form = detect(head)
	} else if err := form.check("read", Readable()); err != nil {
		return nil, "", err
	}
	source, err := open(in, form, o)
	if form == unknown && err == nil {
		form = ""
	}
	return source, form, err
}

func open(in io.Reader, form Form, o Options) (Source, error) {
	switch form {
	case Trace:
		steps, err := trace.NewReader(in)
		return newLossless(steps, err)
	case JSON:
		steps, err := trace.NewJSONReader(in)
		return newLossless(steps, err)
	case PCAP:
		return capture.NewReader(in, capture.ReaderOptions{})
	case unknown:
		return logs.NewReader(in, logs.Options{Reader: o.Reader})
	default:
		return logs.NewReader(in, logs.Options{Form: logs.Form(form), Reader: o.Reader})
	}
}

// detect tells the form by its first bytes, as far as those do.
func detect(head []byte) Form {
	switch {
	case bytes.HasPrefix(head, []byte("# tapbench-apdu ")):
		return Trace
	case bytes.HasPrefix(head, []byte("{")):
		return JSON
	case len(head) >= 4 && isCapture(binary.BigEndian.Uint32(head)):
		return PCAP
	default:
		return unknown
	}
}

// isCapture reports whether a file that begins so is pcapng, or pcap in either order of bytes and
// with times in either unit.
func isCapture(magic uint32) bool {
	switch magic {
	case 0x0A0D0D0A, 0xA1B2C3D4, 0xD4C3B2A1, 0xA1B23C4D, 0x4D3CB2A1:
		return true
	default:
		return false
	}
}

// lossless is a source of which a trace can say everything.
type lossless struct{ trace.Source }

func (l lossless) Losses() []string { return nil }

func newLossless(steps trace.Source, err error) (Source, error) {
	if err != nil {
		return nil, err
	}
	return lossless{steps}, nil
}

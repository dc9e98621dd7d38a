package convert

import (
	"io"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture"
	"tapbench/pcsc/trace/logs"
)

// Sink is a dialogue that is being written.
type Sink interface {
	// Write writes one step.
	Write(s trace.Step) error
	// Close writes what comes after the last step. It closes nothing else.
	Close() error
	// Losses says what was handed over so far that the form can't say.
	Losses() []string
}

// Create writes the beginning of a dialogue.
func Create(w io.Writer, form Form, header trace.Header, o Options) (Sink, error) {
	if err := form.check("write", Writable()); err != nil {
		return nil, err
	}
	switch form {
	case JSON:
		out, err := trace.NewJSONWriter(w, header)
		return endless{whole{out}}, err
	case APDU4J:
		out, err := logs.NewDumpWriter(w, header)
		return endless{out}, err
	case ISO14443:
		return capture.NewISO14443Writer(w, header, capture.WriterOptions{})
	case GSMTAP:
		return capture.NewGSMTAPWriter(w, header, capture.WriterOptions{})
	case Go:
		return logs.NewSourceWriter(w, o.Package, header)
	default:
		out, err := trace.NewWriter(w, header)
		return endless{whole{out}}, err
	}
}

// endless is a sink that has nothing to write after the last step.
type endless struct {
	steps interface {
		Write(s trace.Step) error
		Losses() []string
	}
}

func (e endless) Write(s trace.Step) error { return e.steps.Write(s) }
func (e endless) Close() error             { return nil }
func (e endless) Losses() []string         { return e.steps.Losses() }

// whole is a writer that can say everything of a trace.
type whole struct {
	steps interface{ Write(s trace.Step) error }
}

func (o whole) Write(s trace.Step) error { return o.steps.Write(s) }
func (o whole) Losses() []string         { return nil }

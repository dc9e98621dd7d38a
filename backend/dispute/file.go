package dispute

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Version is the version of the files.
const Version = 1

// MaxFile bounds what is read of a file: a log of some ten thousand openings.
const MaxFile = 16 << 20

// File is what one file holds: exactly one of the three.
type File struct {
	Subject Subject // evidence
	Outcome *Outcome
	Log     *Log
}

// The files' JSON. Bytes are hexadecimal; a message stands as its type, label and fields.
type (
	document struct {
		Version int `json:"tapbench_dispute"`
		subjectJSON
		Outcome *outcomeJSON `json:"outcome,omitempty"`
		Log     *logJSON     `json:"log,omitempty"`
	}
	entryJSON struct {
		Head      octets `json:"head"`
		Signature octets `json:"signature"`
	}
	openingJSON struct {
		entryJSON
		Certificate octets `json:"certificate"`
		Chain       octets `json:"chain"`
	}
	outcomeJSON struct {
		subjectJSON
		TSM  openingJSON `json:"tsm"`
		Bank openingJSON `json:"bank"`
	}
	logJSON struct {
		Certificate octets      `json:"certificate"`
		Entries     []entryJSON `json:"entries"`
	}
)

// octets are bytes that stand as hexadecimal digits.
type octets []byte

// MarshalText returns lower-case digits.
func (o octets) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, o), nil }

// UnmarshalText reads digits.
func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.AppendDecode(nil, text)
	return err
}

// Write writes the file as indented JSON.
func (f File) Write(w io.Writer) error {
	d := document{Version: Version, subjectJSON: newSubjectJSON(f.Subject)}
	switch {
	case f.Outcome != nil:
		o := f.Outcome
		d.Outcome = &outcomeJSON{
			subjectJSON: newSubjectJSON(o.Subject),
			TSM: openingJSON{
				o.TSM.Entry.json(), o.TSM.Certificate.Encode(),
				message.Encode(wire.MsgTSMChain, o.TSM.Chain),
			},
			Bank: openingJSON{
				o.Bank.Entry.json(), o.Bank.Certificate.Encode(),
				message.Encode(wire.MsgBankChain, o.Bank.Chain),
			},
		}
	case f.Log != nil:
		d.Log = &logJSON{Certificate: f.Log.Certificate.Encode(), Entries: []entryJSON{}}
		for _, e := range f.Log.Entries {
			d.Log.Entries = append(d.Log.Entries, e.json())
		}
	}
	raw, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("writing a dispute's file: %w", err)
	}
	_, err = w.Write(append(raw, '\n'))
	return err
}

// Read reads a file of at most [MaxFile] bytes. It returns [ErrFormat] for anything that isn't one
// to the last byte; it checks no signature.
func Read(r io.Reader) (File, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return File{}, fmt.Errorf("reading a dispute's file: %w", err)
	}
	if len(raw) > MaxFile {
		return File{}, fmt.Errorf("%w: more than %d bytes", ErrFormat, MaxFile)
	}
	f, err := parse(raw)
	if err != nil {
		return File{}, malformed(err)
	}
	return f, nil
}

func parse(raw []byte) (f File, err error) {
	var d document
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return f, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return f, errors.New("bytes behind the JSON object")
	}
	if d.Version != Version {
		return f, fmt.Errorf("version %d, not %d", d.Version, Version)
	}
	kinds := d.count()
	if kinds == 1 {
		f.Subject, err = d.subject()
	}
	if d.Outcome != nil && err == nil {
		kinds++
		f.Outcome = new(Outcome)
		*f.Outcome, err = d.Outcome.outcome()
	}
	if d.Log != nil && err == nil {
		kinds++
		f.Log = new(Log)
		*f.Log, err = d.Log.log()
	}
	if err == nil && kinds != 1 {
		err = errors.New("it holds none, or more than one, of evidence, outcome and log")
	}
	return f, err
}

func (e Entry) json() entryJSON {
	return entryJSON{message.Encode(wire.MsgOpening, e.Head), e.Signature[:]}
}

func (j entryJSON) entry() (e Entry, err error) {
	if e.Head, err = message.Decode[Head](wire.MsgOpening, j.Head); err != nil {
		return e, fmt.Errorf("head: %w", err)
	}
	e.Signature, err = signature(j.Signature)
	return e, err
}

func (j outcomeJSON) outcome() (o Outcome, err error) {
	if o.Subject, err = j.subject(); err != nil {
		return o, err
	}
	if o.TSM.Entry, o.TSM.Certificate, err = j.TSM.opening(); err != nil {
		return o, fmt.Errorf("TSM: %w", err)
	}
	if o.Bank.Entry, o.Bank.Certificate, err = j.Bank.opening(); err != nil {
		return o, fmt.Errorf("bank: %w", err)
	}
	if o.TSM.Chain, err = decodeTSMChain(j.TSM.Chain); err != nil {
		return o, fmt.Errorf("TSM: %w", err)
	}
	o.Bank.Chain, err = decodeBankChain(j.Bank.Chain)
	return o, err
}

func decodeTSMChain(raw []byte) (TSMChain, error) {
	return message.Decode[TSMChain](wire.MsgTSMChain, raw)
}

func decodeBankChain(raw []byte) (BankChain, error) {
	return message.Decode[BankChain](wire.MsgBankChain, raw)
}

// malformed says of an error that something isn't in the form of a dispute.
func malformed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrFormat, err)
}

func (j openingJSON) opening() (e Entry, c message.Certificate, err error) {
	if e, err = j.entry(); err != nil {
		return e, c, err
	}
	c, err = message.ParseCertificate(j.Certificate)
	return e, c, err
}

func (j logJSON) log() (l Log, err error) {
	if l.Certificate, err = message.ParseCertificate(j.Certificate); err != nil {
		return l, err
	}
	for i, row := range j.Entries {
		e, err := row.entry()
		if err != nil {
			return l, fmt.Errorf("entry %d: %w", i+1, err)
		}
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

func signature(raw []byte) (message.Signature, error) {
	if len(raw) != wire.SignatureLen {
		return message.Signature{}, fmt.Errorf("signature of %d bytes", len(raw))
	}
	return message.Signature(raw), nil
}

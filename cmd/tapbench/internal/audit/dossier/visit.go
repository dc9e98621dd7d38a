package dossier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tapbench/applet/statefile/bound"
	"tapbench/backend/acquirer"
	"tapbench/backend/store/columns"
	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/received"
)

// maxDocument is the longest JSON file that is taken apart, in bytes. A longer one is searched as a
// stream.
const maxDocument = 1 << 20

// visit shows all that a party holds.
func (p *party) visit(ctx context.Context, see func(audit.Piece) error) error {
	for _, file := range p.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.visitFile(ctx, file, see); err != nil {
			return err
		}
	}
	for _, folder := range p.claimFolders() {
		if err := p.visitClaims(folder, see); err != nil {
			return err
		}
	}
	return nil
}

// visitFile shows one file: as a stream of bytes, and what is in it.
func (p *party) visitFile(ctx context.Context, file string, see func(audit.Piece) error) error {
	medium := audit.MediumFile
	switch top, _, _ := strings.Cut(filepath.ToSlash(file), "/"); {
	case top == "received":
		return p.visitReceived(file, see)
	case top == "logs":
		medium = audit.MediumLog
	case file == p.name+".db":
		if err := p.visitStore(ctx, file, see); err != nil {
			return err
		}
	case top == "pki":
		if err := p.visitKey(file, see); err != nil {
			return err
		}
	default:
		if err := p.visitDocument(file, see); err != nil {
			return err
		}
		if err := p.visitKey(file, see); err != nil {
			return err
		}
	}
	f, err := os.Open(filepath.Join(p.dir, file))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return see(audit.Piece{Place: audit.Place{Medium: medium, File: file}, Stream: f})
}

// visitStore shows the values of a store, and the columns that have none.
func (p *party) visitStore(
	ctx context.Context, file string, see func(audit.Piece) error,
) (err error) {
	store, err := columns.Open(ctx, filepath.Join(p.dir, file))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	place := func(c columns.Column) audit.Place {
		return audit.Place{Medium: audit.MediumStore, File: file, Field: c.String()}
	}
	for _, c := range store.Columns() {
		if err := see(audit.Piece{Place: place(c)}); err != nil {
			return err
		}
	}
	return store.Each(ctx, func(c columns.Cell) error {
		return see(audit.Piece{
			Place: place(c.Column), Row: c.Row, Value: c.Value, Number: c.Type == columns.Integer,
		})
	})
}

// visitDocument shows the fields of a JSON file, if it is one.
func (p *party) visitDocument(file string, see func(audit.Piece) error) error {
	path := filepath.Join(p.dir, file)
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxDocument {
		return err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, err = document{
		Place: audit.Place{Medium: audit.MediumDocument, File: file},
		name:  documentName(filepath.ToSlash(file)), see: see, row: 1,
	}.show(raw)
	return err
}

// documentName is what a file's fields begin with: the names of numbered files are cut before their
// numbers.
func documentName(file string) string {
	name := strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".json")
	if head, _, ok := strings.Cut(name, "-"); ok {
		return head
	}
	return name
}

// maxKeyFile is the longest file that is read for a key, in bytes.
const maxKeyFile = 4 << 10

// visitKey shows the key in a file: a private key's number, or the file if it is as short as a key.
func (p *party) visitKey(file string, see func(audit.Piece) error) error {
	path := filepath.Join(p.dir, file)
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxKeyFile {
		return err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if key := privateKey(raw); key != nil {
		raw = key
	}
	if len(raw) > 64 {
		return nil
	}
	return see(audit.Piece{
		Place: audit.Place{Medium: audit.MediumFile, File: file}, Row: 1, Value: raw,
	})
}

// visitReceived shows the messages that a party was sent.
func (p *party) visitReceived(file string, see func(audit.Piece) error) error {
	f, err := os.Open(filepath.Join(p.dir, file))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	row := int64(0)
	err = received.Read(f, func(m received.Message) error {
		row++
		place := audit.Place{Medium: audit.MediumReceived, File: file}
		if m.At == received.AtISO8583 {
			return showISO8583(place, row, m.Data, see)
		}
		shown, err := document{Place: place, name: m.At, see: see, row: row}.show(m.Data)
		if shown || err != nil {
			return err
		}
		return see(audit.Piece{Place: place, Row: row, Stream: bytes.NewReader(m.Data)})
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	return nil
}

// showISO8583 shows the fields of a message, or what couldn't be read.
func showISO8583(
	place audit.Place, row int64, raw []byte, see func(audit.Piece) error,
) error {
	_, fields, err := acquirer.Fields(raw)
	if err != nil {
		return see(audit.Piece{Place: place, Row: row, Stream: bytes.NewReader(raw)})
	}
	for _, id := range sortedFields(fields) {
		at := place
		at.Field = fmt.Sprintf("%s field %d", received.AtISO8583, id)
		if err := see(audit.Piece{Place: at, Row: row, Value: []byte(fields[id])}); err != nil {
			return err
		}
	}
	return nil
}

func sortedFields(fields map[int]string) []int {
	ids := make([]int, 0, len(fields))
	for id := range fields {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// document is a JSON object whose fields are shown.
type document struct {
	audit.Place
	name string
	see  func(audit.Piece) error
	row  int64
}

// show shows the fields of an object, or reports that it isn't one.
func (d document) show(raw []byte) (bool, error) {
	raw, _ = bound.Peek(raw) // a wallet's may be bound to a TPM
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var object map[string]any
	err := decoder.Decode(&object)
	_, end := decoder.Token()
	if err != nil || !errors.Is(end, io.EOF) {
		return false, nil //nolint:nilerr // what isn't an object is searched as it is
	}
	return true, d.walk(d.name+" ", object)
}

// walk shows a value and all that is in it, in the order of the fields' names.
func (d document) walk(path string, value any) error {
	piece := audit.Piece{Place: d.Place, Row: d.row}
	piece.Field = path
	switch v := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			inner := path + "." + name
			if strings.HasSuffix(path, " ") {
				inner = path + name
			}
			if err := d.walk(inner, v[name]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		for _, element := range v {
			if err := d.walk(path+"[]", element); err != nil {
				return err
			}
		}
		return nil
	case string:
		piece.Value = []byte(v)
	case json.Number:
		piece.Value, piece.Number = []byte(v), true
	case bool:
		piece.Value = strconv.AppendBool(nil, v)
	case nil:
	}
	return d.see(piece)
}

package acquirer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
)

// damages returns values that a field can't have, by what is wrong with them.
func (r fieldRow) damages(value string) map[string]string {
	out := map[string]string{
		"too long":  value + strings.Repeat(value[:1], r.length-len(value)+1),
		"too short": value[:len(value)-1],
	}
	foreign := map[fieldKind]string{
		kindNumeric: "x", kindAN: "-", kindANS: "\x00", kindSigned: "+", kindBinary: "\xFF",
	}[r.kind]
	places := []int{0, len(value) / 2, len(value) - 1}
	if r.kind == kindBinary { // its values are the card's, whose cryptogram and signature tell
		places = places[:1]
	}
	for _, at := range places {
		out[fmt.Sprintf("foreign character at %d", at)] = value[:at] + foreign + value[at+1:]
	}
	if r.prefix == 0 {
		out["nothing"] = ""
	}
	return out
}

// Every field of every message, damaged in every way that its row of the table names, is refused by
// its name: damage, absence, and presence where it has no place.
func TestEachFieldDamaged(t *testing.T) {
	for _, s := range samples(t) {
		good, err := s.build()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.read(good); err != nil {
			t.Fatalf("%s: the undamaged message: %v", s.mti, err)
		}
		for _, row := range fieldTable() {
			t.Run(fmt.Sprintf("%s field %d", s.mti, row.id), func(t *testing.T) {
				value, present := good.fields[row.id]
				if !present {
					s.refuses(t, good, row, "superfluous", strings.Repeat("0", row.length))
					return
				}
				for what, damaged := range row.damages(value) {
					s.refuses(t, good, row, what, damaged)
				}
				m := isoMessage{mti: good.mti, fields: maps.Clone(good.fields)}
				delete(m.fields, row.id)
				if err := s.read(m); err == nil && mark(mustMessage(t, s.mti), row.id) == "M" {
					t.Errorf("missing: got no error")
				}
			})
		}
		for _, other := range messageTable() {
			m := isoMessage{mti: other.mti, fields: good.fields}
			if err := s.read(m); (err == nil) != (other.mti == s.mti) {
				t.Errorf("%s read as %s: got error %v", other.mti, s.mti, err)
			}
		}
	}
}

func mustMessage(t *testing.T, mti string) messageRow {
	t.Helper()
	row, ok := messageOf(mti)
	if !ok {
		t.Fatalf("%s isn't in use", mti)
	}
	return row
}

// refuses checks that a message with one damaged field is refused with that field's name, and that
// the error doesn't quote it.
func (s sample) refuses(t *testing.T, good isoMessage, row fieldRow, what, value string) {
	t.Helper()
	m := isoMessage{mti: good.mti, fields: maps.Clone(good.fields)}
	m.fields[row.id] = value
	err := s.read(m)
	if errors.Is(err, ErrRefused) { // what a client makes of a malformed answer to 0800
		err = fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if !errors.Is(err, ErrFormat) {
		t.Errorf("%s: got error %v, want %v", what, err, ErrFormat)
		return
	}
	if !strings.Contains(err.Error(), fmt.Sprintf("field %d", row.id)) {
		t.Errorf("%s: the error doesn't name field %d: %v", what, row.id, err)
	}
	if len(value) > 6 && strings.Contains(err.Error(), value) {
		t.Errorf("%s: the error quotes the field: %v", what, err)
	}
}

// No answer has a field that could name a bank, an account of the TSM or a handle: what each may
// hold is the request's own, the TSM's reference numbers, a code, totals, or the card's eight
// bytes.
func TestAnswersNameNobody(t *testing.T) {
	allowed := map[int]bool{
		fieldCode: true, fieldRRN: true, fieldApproval: true, fieldICC: true,
		fieldBalance: true,
	}
	for _, id := range totals() {
		allowed[id] = true
	}
	list := samples(t)
	for i := 1; i < len(list); i += 2 {
		request, err := list[i-1].build()
		if err != nil {
			t.Fatal(err)
		}
		answer, err := list[i].build()
		if err != nil {
			t.Fatal(err)
		}
		row := mustMessage(t, answer.mti)
		for _, id := range append(row.mandatory, row.optional...) {
			asked, echoed := request.fields[id]
			if !allowed[id] && (!echoed || asked != answer.fields[id]) {
				t.Errorf("%s: field %d isn't the request's", answer.mti, id)
			}
		}
		if icc, ok := answer.fields[fieldICC]; ok && len(icc) != 10 {
			t.Errorf("%s: field 55 has %d bytes", answer.mti, len(icc))
		}
	}
}

// Messages are cut off at every byte, requests and answers, of every type: the server decides
// nothing, the client believes nothing.
func TestCutOffAtEveryByte(t *testing.T) {
	list := samples(t)
	for i := 0; i < len(list); i += 2 {
		request, err := list[i].build()
		if err != nil {
			t.Fatal(err)
		}
		raw := frame(t, request)
		for n := range len(raw) {
			if answer, decided := serveBytes(t, raw[:n]); decided || len(answer) > 0 {
				t.Fatalf("%s cut off at %d: decided %v, answer %q", list[i].mti, n, decided, answer)
			}
		}
		answer, decided := serveBytes(t, raw)
		if !decided && list[i].mti != mtiNetwork || len(answer) == 0 {
			t.Fatalf("%s whole: decided %v, answer of %d bytes", list[i].mti, decided, len(answer))
		}
		for n := range len(answer) {
			if m, err := read(answer[:n]); err == nil && list[i+1].read(m) == nil {
				t.Fatalf("%s cut off at %d is believed", list[i+1].mti, n)
			}
		}
		doubled, _ := serveBytes(t, append(bytes.Clone(raw), raw...))
		if !bytes.Equal(doubled, append(bytes.Clone(answer), answer...)) {
			t.Errorf("%s doubled: got %d bytes, want twice %d", list[i].mti, len(doubled), len(answer))
		}
	}
}

// read reads the first message of a stream.
func read(stream []byte) (isoMessage, error) {
	raw, err := readFrame(bytes.NewReader(stream))
	if err != nil {
		return isoMessage{}, err
	}
	return unpack(raw)
}

// pipe is a connection that gives bytes and takes the answers.
type pipe struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (p *pipe) Read(b []byte) (int, error)       { return p.in.Read(b) }
func (p *pipe) Write(b []byte) (int, error)      { return p.out.Write(b) }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

// serveBytes gives a stream to the server, and returns its answers and whether a decision was made.
func serveBytes(t *testing.T, stream []byte) (answers []byte, decided bool) {
	t.Helper()
	d := new(desk)
	s := &server{ServerConfig: ServerConfig{Decider: d, Log: zerolog.Nop()}, decisions: t.Context()}
	conn := &pipe{in: bytes.NewReader(stream)}
	for s.message(conn, message.NewPartyID("MERTEST1")) == nil {
		continue
	}
	return conn.out.Bytes(), d.decisions() > 0
}

package emvtwintest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"tapbench/applet/emv/oda"
	"tapbench/applet/saved"
)

// errState means bytes that aren't such a card's state.
var errState = errors.New("not a contactless card's state")

// counted is what both cards count.
type counted struct {
	key       bool
	payment   bool // personalised
	directory bool
	atc       uint16
	offline   uint16
	amount    uint64
	sda, dda  bool // failed
}

// compare says how the counters differ, or nothing.
func (w *Twins) compare() (string, error) {
	var all [2]counted
	for i, read := range []func([]byte) (counted, error){readCard, readAppletCounters} {
		raw, err := w.stores[i].Load()
		if err != nil {
			return "", err
		}
		if raw == nil {
			continue
		}
		if all[i], err = read(raw); err != nil {
			return "", err
		}
	}
	if all[0] == all[1] {
		return "", nil
	}
	return fmt.Sprintf("; the Go card holds %+v, the Java Card %+v", all[0], all[1]), nil
}

// atcAt is where the ATC lies in the state of package emvcard: behind the mark, and whether card
// and application are blocked.
const atcAt = 12 + 1 + 1

// readCard reads the state of package emvcard.
func readCard(raw []byte) (c counted, err error) {
	fields, err := saved.Decode(raw, len(raw)-saved.Overhead)
	if err != nil {
		return counted{}, err
	}
	var s struct {
		Modulus            []byte
		Payment, Directory []json.RawMessage
		Inner              []byte
	}
	if err := json.Unmarshal(fields, &s); err != nil {
		return counted{}, err
	}
	c = counted{key: s.Modulus != nil, payment: s.Payment != nil, directory: s.Directory != nil}
	if s.Inner == nil {
		return c, nil
	}
	inner, err := saved.Decode(s.Inner, len(s.Inner)-saved.Overhead)
	if err != nil {
		return counted{}, err
	}
	const countAt = atcAt + 2 + 2 + 1
	if len(inner) < countAt+11 {
		return c, nil
	}
	c.atc = binary.BigEndian.Uint16(inner[atcAt:])
	c.offline = binary.BigEndian.Uint16(inner[countAt:])
	c.amount = binary.BigEndian.Uint64(inner[countAt+2:])
	c.sda, c.dda = inner[countAt+10]&2 != 0, inner[countAt+10]&4 != 0
	return c, nil
}

// applet is the state of the Java Card: src/bridge's SavedContactless.
type applet struct{ made, factors, modulus, exponent, payment, directory, counters []byte }

// Lengths of its parts, in bytes.
const (
	nameLen      = 1 + 16
	factorLen    = 64
	factors      = 5
	modulusLen   = 128
	exponentLen  = 3
	paymentLen   = 2 + 1536
	directoryLen = 2 + 240
	masterLen    = 16
	countersLen  = 10
)

func readApplet(raw []byte) (s applet, err error) {
	fields, err := saved.Decode(raw, len(raw)-saved.Overhead)
	if err != nil {
		return applet{}, err
	}
	var name, master []byte
	for _, part := range []struct {
		of  *[]byte
		len int
	}{
		{&name, nameLen},
		{&s.made, 1},
		{&s.factors, factors * factorLen},
		{&s.modulus, modulusLen},
		{&s.exponent, exponentLen},
		{&s.payment, paymentLen},
		{&s.directory, directoryLen},
		{&master, masterLen},
		{&s.counters, countersLen},
	} {
		if len(fields) < part.len {
			return applet{}, errState
		}
		*part.of, fields = fields[:part.len], fields[part.len:]
	}
	if len(fields) != 0 {
		return applet{}, errState
	}
	return s, nil
}

// key puts the card's key together.
func (s *applet) key() (*oda.PrivateKey, error) {
	p := new(big.Int).SetBytes(s.factors[:factorLen])
	q := new(big.Int).SetBytes(s.factors[factorLen : 2*factorLen])
	one := big.NewInt(1)
	order := new(big.Int).Mul(p.Sub(p, one), q.Sub(q, one))
	private := new(big.Int).ModInverse(new(big.Int).SetBytes(s.exponent), order)
	if private == nil {
		return nil, errState
	}
	return oda.NewPrivateKey(oda.PublicKey{Modulus: s.modulus, Exponent: s.exponent},
		private.Bytes())
}

func readAppletCounters(raw []byte) (counted, error) {
	s, err := readApplet(raw)
	if err != nil {
		return counted{}, err
	}
	amount, err := strconv.ParseUint(hex.EncodeToString(s.counters[3:9]), 10, 64)
	if err != nil {
		return counted{}, errState
	}
	return counted{
		key:     s.made[0] != 0,
		payment: s.payment[0]|s.payment[1] != 0, directory: s.directory[0]|s.directory[1] != 0,
		atc: binary.BigEndian.Uint16(s.counters), offline: uint16(s.counters[2]), amount: amount,
		sda: s.counters[9]&1 != 0, dda: s.counters[9]&2 != 0,
	}, nil
}

// At returns cards with the same states, but this ATC.
func (w *Twins) At(atc uint16) (*Twins, error) {
	again, err := w.Again()
	if err != nil {
		return nil, err
	}
	goes, err := again.stores[0].Load()
	if err != nil {
		return nil, err
	}
	java, err := again.stores[1].Load()
	if err != nil {
		return nil, err
	}
	if goes, err = cardAt(goes, atc); err != nil {
		return nil, err
	}
	fields, err := saved.Decode(java, len(java)-saved.Overhead)
	if err != nil {
		return nil, err
	}
	fields = bytes.Clone(fields)
	binary.BigEndian.PutUint16(fields[len(fields)-countersLen:], atc)
	stores := [2]*saved.Memory{{}, {}}
	if err := errors.Join(stores[0].Commit(goes), stores[1].Commit(saved.Encode(fields)),
		again.Drop()); err != nil {
		return nil, err
	}
	return open(w.Machine, w.name, stores[0], stores[1])
}

// cardAt puts an ATC into the state of package emvcard.
func cardAt(raw []byte, atc uint16) ([]byte, error) {
	fields, err := saved.Decode(raw, len(raw)-saved.Overhead)
	if err != nil {
		return nil, err
	}
	var s map[string]any
	if err := json.Unmarshal(fields, &s); err != nil {
		return nil, err
	}
	text, _ := s["inner"].(string)
	kept, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	inner, err := saved.Decode(kept, len(kept)-saved.Overhead)
	if err != nil {
		return nil, err
	}
	inner = bytes.Clone(inner)
	binary.BigEndian.PutUint16(inner[atcAt:], atc)
	s["inner"] = base64.StdEncoding.EncodeToString(saved.Encode(inner))
	out, err := json.Marshal(s)
	return saved.Encode(out), err
}

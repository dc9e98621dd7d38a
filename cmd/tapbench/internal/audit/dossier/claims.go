package dossier

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/terminal/claims"
	"tapbench/terminal/settle"
)

// claimsFolder is where a terminal keeps what it took offline, below its own folder.
const claimsFolder = "claims"

// claimFolders returns the folders of a party's files that are journals of claims.
func (p *party) claimFolders() []string {
	var all []string
	for _, file := range p.files {
		folder, name := filepath.Split(file)
		folder = filepath.Clean(folder)
		if filepath.Base(folder) == claimsFolder && strings.HasPrefix(name, "segment-") {
			all = append(all, folder)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// visitClaims shows the claims of a terminal, field by field. A claim that was paid and forgotten
// shows its key only.
func (p *party) visitClaims(folder string, see func(audit.Piece) error) (err error) {
	disk, err := claims.ViewFolder(filepath.Join(p.dir, folder))
	if err != nil {
		return fmt.Errorf("reading claims: %w", err)
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	journal, err := claims.Read(disk)
	if err != nil {
		return fmt.Errorf("reading claims in %s: %w", folder, err)
	}
	row := int64(0)
	for r, err := range journal.Claims() {
		if err != nil {
			return fmt.Errorf("reading claims in %s: %w", folder, err)
		}
		row++
		fields, err := claimFields(r)
		if err != nil {
			return err
		}
		for _, f := range fields {
			f.Place = audit.Place{
				Medium: audit.MediumDocument, File: folder, Field: audit.ClaimField(f.Field),
			}
			f.Row = row
			if err := see(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// claimFields returns the fields of a record, each a piece with the field's bare name.
func claimFields(r claims.Record) ([]audit.Piece, error) {
	all := []audit.Piece{
		bytesField("key", r.Key[:]), bytesField("state", []byte(r.State)),
		bytesField("reason", []byte(r.Reason)), numberField("batch", r.Batch),
	}
	if r.Payload == nil {
		return all, nil
	}
	spend, meter, err := settle.Parse(r.Payload)
	switch {
	case err != nil:
		return nil, fmt.Errorf("claim %s: %w", r.Key, err)
	case spend != nil:
		s := spend.Spend
		statement := s.Digest()
		all = append(all, tokenFields(spend.Token)...)
		minor, _ := emv.ParseN12(s.Amount) // 0 for what is no amount
		return append(all,
			bytesField("statement", statement[:]), bytesField("signature", spend.Signature[:]),
			numberField("from", s.From), numberField("to", s.To), numberField("amount", minor),
			bytesField("merchant", s.Merchant[:]), bytesField("certificate", s.Certificate[:]),
			numberField("time", s.Time), bytesField("un", s.UN[:]),
		), nil
	default:
		m := meter.Meter
		statement := m.Digest()
		all = append(all, tokenFields(meter.Token)...)
		return append(all,
			bytesField("statement", statement[:]), bytesField("signature", meter.Signature[:]),
			numberField("from", m.From), numberField("to", m.Max), numberField("ticked", meter.To),
			bytesField("value", meter.Value[:]),
			bytesField("merchant", m.Merchant[:]), bytesField("certificate", m.Certificate[:]),
			numberField("time", m.Time), bytesField("un", m.UN[:]),
		), nil
	}
}

// tokenFields returns the fields of a token.
func tokenFields(t message.Token) []audit.Piece {
	id, f := t.ID(), t.Fields
	policy := fmt.Sprintf("%x %d %d %d %d %d", f.Policy.Currency, f.Policy.PerTap, f.Policy.PerToken,
		f.Policy.Offline, f.Policy.Taps, f.Policy.Grace)
	return []audit.Piece{
		bytesField("token", id[:]), bytesField("token_key", f.Key[:]), bytesField("root", f.Root[:]),
		bytesField("issued", t.Signature[:]), bytesField("issuer", f.Issuer[:]),
		numberField("version", f.Version), numberField("epoch", f.Epoch), numberField("unit", f.Unit),
		numberField("length", f.Length), bytesField("policy", []byte(policy)),
	}
}

func bytesField(name string, value []byte) audit.Piece {
	return audit.Piece{Place: audit.Place{Field: name}, Value: slices.Clone(value)}
}

func numberField[N ~uint8 | ~uint32 | ~uint64](name string, n N) audit.Piece {
	p := bytesField(name, strconv.AppendUint(nil, uint64(n), 10))
	p.Number = true
	return p
}

package audit

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // what somebody might have used
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"slices"

	"tapbench/cmd/tapbench/internal/audit/search"
)

// survey is what the first look at a party's pieces gives: its fields, what may be keys, and the
// values of its columns as far as joins need them.
type survey struct {
	party   Party
	classes classes
	fields  map[string]Place // the first place of each
	keys    map[string]bool
	joins   map[string]*column // by field
	claims  []claimRow
}

// column is the distinct values of one column, as short hashes.
type column struct {
	party  Party
	place  Place
	values map[uint64]*value // by the hash of the value as it was stored
}

// value is one value, in all the ways in which another party may have it.
type value struct {
	same   []uint64 // hashes of the value, decoded and without prefix too
	heads  []uint64 // their first eight bytes
	digest []uint64 // the first eight bytes of their digests
	long   bool     // it can't be equal by chance
}

func surveyParty(ctx context.Context, p Party, c classes) (*survey, error) {
	s := &survey{
		party: p, classes: c, fields: map[string]Place{}, keys: map[string]bool{},
		joins: map[string]*column{},
	}
	return s, p.Visit(ctx, func(piece Piece) error {
		if _, ok := s.fields[piece.Field]; !ok && piece.structured() {
			s.fields[piece.Field] = piece.Place
		}
		if piece.Stream != nil || piece.Row == 0 {
			return nil
		}
		for _, v := range decoded(piece.Value) {
			for _, key := range keys(v) {
				s.keys[string(key)] = true
			}
		}
		s.takeJoin(piece)
		s.takeClaim(piece)
		return nil
	})
}

// decoded returns a value, and what it is if it is hexadecimal or base64.
func decoded(v []byte) [][]byte {
	all := [][]byte{v}
	if b, err := hex.DecodeString(string(v)); err == nil && len(b) > 0 {
		all = append(all, b)
	}
	if b, err := base64.StdEncoding.DecodeString(string(v)); err == nil && len(b) > 0 {
		all = append(all, b)
	}
	return all
}

// unclassified returns the fields that aren't in the party's list.
func (s *survey) unclassified() []Finding {
	var all []Finding
	for _, place := range s.fields {
		if _, ok := s.classes.of(s.party.Role, place); !ok {
			all = append(all, Finding{
				Rule: RuleUnclassified, Party: s.party.Name, Place: place, Count: 1,
			})
		}
	}
	return all
}

// joinable reports whether a column may lead to a person or a payment: not messages in transit, not
// what is the same for all, and not the books of the user's own phone.
func (s *survey) joinable(p Place) bool {
	if p.Medium != MediumStore && p.Medium != MediumDocument || p.Field == "" {
		return false
	}
	if !slices.Contains([]Role{RoleBank, RoleTSM, RoleMerchant}, s.party.Role) {
		return false
	}
	class, _ := s.classes.of(s.party.Role, p)
	return class.Joins()
}

// takeJoin takes a value down for joins.
func (s *survey) takeJoin(p Piece) {
	if !s.joinable(p.Place) {
		return
	}
	raw := bytes.TrimRight(p.Value, " ")
	if n, ok := number(p); ok {
		raw = n
	}
	if len(raw) < search.MinPattern {
		return
	}
	c := s.joins[p.Field]
	if c == nil {
		c = &column{party: s.party, place: p.Place, values: map[uint64]*value{}}
		s.joins[p.Field] = c
	}
	name := short(raw)
	if c.values[name] != nil {
		return
	}
	v := &value{long: len(raw) >= 16 && !p.Number}
	c.values[name] = v
	for _, part := range [][]byte{raw, behindPrefix(raw)} {
		for _, b := range decoded(part) {
			if len(b) >= search.MinPattern {
				v.add(b)
			}
		}
	}
}

// behindPrefix returns what stands behind the prefix of a name, such as that of an account in the
// books, "account/…". Other values have none.
func behindPrefix(name []byte) []byte {
	i := bytes.LastIndexByte(name, '/')
	binary := bytes.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' })
	if i < 0 || binary {
		return nil
	}
	return name[i+1:]
}

func (v *value) add(b []byte) {
	v.same = append(v.same, short(b))
	v.heads = append(v.heads, binary.BigEndian.Uint64(b))
	sum, old := sha256.Sum256(b), sha1.Sum(b) //nolint:gosec // what somebody might have used
	v.digest = append(v.digest, binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(old[:]))
}

// short hashes a value for comparison.
func short(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

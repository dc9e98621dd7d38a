package audit

import (
	"embed"
	"strings"
)

// lists are the lists of what each role may hold: one file for each role, one field a line.
//
//go:embed fields/*.txt
var lists embed.FS

// Class says what a field holds.
type Class string

// The classes.
const (
	ClassOwn      Class = "own"      // identifiers and states that the party has by its role
	ClassKey      Class = "key"      // keys that it shares or has made
	ClassEvidence Class = "evidence" // signed or sealed messages
	ClassAmount   Class = "amount"   // of money; the reason says of what
	ClassTime     Class = "time"     // of what the reason says
	ClassCount    Class = "count"    // running numbers, versions and flags: alike for everybody
	ClassPublic   Class = "public"   // the same for everybody, and known to all
)

// Joins reports whether two columns may be compared for it: what everybody has tells nobody apart.
func (c Class) Joins() bool { return c != "" && c != ClassCount && c != ClassPublic }

// Classified is one line of a list.
type Classified struct {
	Field  string
	Class  Class
	Reason string
}

// List returns what a role may hold, in the order of its list, then what every store holds.
// Roles whose fields aren't restricted have no list.
func List(r Role) []Classified {
	var all []Classified
	names := []string{string(r)}
	if r == RoleBank || r == RoleTSM {
		names = append(names, "store")
	}
	for _, name := range names {
		raw, err := lists.ReadFile("fields/" + name + ".txt")
		if err != nil {
			return nil
		}
		for line := range strings.Lines(string(raw)) {
			field, rest, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok || strings.HasPrefix(field, "#") {
				continue
			}
			class, reason, _ := strings.Cut(strings.TrimLeft(rest, "\t"), "\t")
			all = append(all, Classified{field, Class(class), strings.TrimSpace(reason)})
		}
	}
	return all
}

// classes are what roles may hold, by field, as far as they were asked for.
type classes map[Role]map[string]Class

// of returns a field's class. The fields of a role without a list, and what a card answers, have
// class own: nothing is claimed of them but of identifiers.
func (c classes) of(r Role, p Place) (Class, bool) {
	fields, ok := c[r]
	if !ok {
		fields = make(map[string]Class)
		for _, l := range List(r) {
			fields[l.Field] = l.Class
		}
		c[r] = fields
	}
	if len(fields) == 0 {
		return ClassOwn, true
	}
	class, ok := fields[p.Field]
	if !ok {
		class, ok = fields[anywhere(p.Field)]
	}
	return class, ok
}

// anywhere returns how a list names a field of a document wherever it stands in it: of
// "journal pending[].amount" this is "journal *.amount".
func anywhere(field string) string {
	document, path, ok := strings.Cut(field, " ")
	if !ok {
		return field
	}
	path = strings.TrimRight(path, "[]")
	return document + " *." + path[strings.LastIndexByte(path, '.')+1:]
}

package profile

import (
	"reflect"
	"strings"
)

// read puts a text into a field that is one.
func read(path, text string, into reflect.Value, s Shape) error {
	if own, ok := isText(into); ok {
		if err := own.UnmarshalText([]byte(text)); err != nil {
			return wrong(path, "%v", err) // the cause says all
		}
		if s.Kind != "bytes" {
			return nil
		}
		if n := into.Len(); !s.fits(n) {
			return wrong(path, "%d bytes, expected %s", n, s.span())
		}
		return nil
	}
	if problem := s.refuses(text); problem != "" {
		return wrong(path, "%.40q isn't %s", text, problem)
	}
	into.SetString(text)
	return nil
}

// refuses says what a text isn't, or nothing.
func (s Shape) refuses(text string) string {
	ok, wanted := true, ""
	switch s.Kind {
	case "word":
		return s.notWord(text)
	case "name":
		ok = s.fits(len(text)) && made(text, letters+decimals+"-")
		wanted = "a name of " + s.span() + " characters a-z, 0-9 and -"
	case "language":
		ok, wanted = s.fits(len(text)) && made(text, letters), "a language such as \"en\""
	case "digits":
		ok, wanted = s.fits(len(text)) && made(text, decimals), s.span()+" digits"
	case "text":
		ok = s.fits(len(text)) && !strings.ContainsFunc(text, func(r rune) bool {
			return r < ' ' || r > '~'
		})
		wanted = s.span() + " characters of ASCII"
	}
	if ok {
		return ""
	}
	return wanted
}

const (
	letters  = "abcdefghijklmnopqrstuvwxyz"
	decimals = "0123456789"
)

// made says whether a text has no other characters than those.
func made(text, of string) bool { return strings.Trim(text, of) == "" }

// fits says whether a length is within the bounds.
func (s Shape) fits(n int) bool {
	return n >= 0 && uint64(n) >= s.Min && uint64(n) <= s.Max
}

func (s Shape) notWord(text string) string {
	names := make([]string, len(s.Words))
	for i, w := range s.Words {
		if w.Name == text {
			return ""
		}
		names[i] = w.Name
	}
	return "one of " + strings.Join(names, ", ")
}

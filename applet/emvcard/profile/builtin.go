package profile

import (
	"embed"
	"fmt"
)

//go:embed builtin/*.json
var builtins embed.FS

// Names are the built-in profiles' names.
func Names() []string { return []string{"anonymous", "contactless", "contact", "interop"} }

// Builtin returns a built-in profile, or [ErrProfile] for a name that is none.
func Builtin(name string) (Profile, error) {
	raw, err := Source(name)
	if err != nil {
		return Profile{}, err
	}
	return Parse(raw)
}

// Source returns a built-in profile as it is written, to begin one's own with.
func Source(name string) ([]byte, error) {
	for _, known := range Names() {
		if known == name {
			return builtins.ReadFile("builtin/" + name + ".json")
		}
	}
	return nil, fmt.Errorf("%w: %.40q is none of %v", ErrProfile, name, Names())
}

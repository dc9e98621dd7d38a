// Package jsonfile reads JSON that people write by hand, strictly: a member that isn't known, that
// stands twice or that is of another kind is refused with its line and its path, such as "line 12:
// applications[0].aid: expected text in quotes". Values aren't told: they may be keys.
//
//	var f struct {
//		Format string   `json:"format"`
//		Names  []string `json:"names"`
//	}
//	err := jsonfile.Decode(raw, "names v1", &f)
//
// Names of members are told apart by case. Types are structs, slices, pointers, text, whole numbers
// and flags. The caller bounds the length of a file.
package jsonfile

// Package parameters reads what an EMV terminal is, and which applications it takes how, from a
// JSON file: the terminal's data objects, its list of applications with action codes and limits,
// and which issuer certificates were withdrawn (EMV 4.3 Book 4, annex A).
//
//	p, err := parameters.Parse(raw)
//	k, err := general.New(p.Config(general.Config{CAKeys: keys, Now: time.Now, Rand: rand.Reader}))
//
// [Default] is a bench's attended point of sale. docs/emv-terminal.md explains each member of the
// file, docs/emv-terminal.schema.json is its JSON Schema. The file is read strictly: what isn't
// known is refused.
//
// Action codes and limits are the bench's own: those of a payment system are that system's to give.
package parameters

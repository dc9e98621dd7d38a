package audit

import (
	"context"
	"io"
)

// Medium is where a party holds something.
type Medium string

// The media.
const (
	MediumStore    Medium = "store"    // a column of its database
	MediumFile     Medium = "file"     // any other file, or the database's file as bytes
	MediumDocument Medium = "document" // a field of a JSON file
	MediumLog      Medium = "log"
	MediumReceived Medium = "received" // a field of a message that it has received
)

// Place is where something stands.
type Place struct {
	Medium Medium `json:"medium"`
	File   string `json:"file"` // below the bench's folder
	// Field is a column such as "users.user_id", a JSON field such as "/v1/tsm/fund binfo", or empty.
	Field string `json:"field,omitempty"`
}

// structured reports whether the place's field must be in a list.
func (p Place) structured() bool { return p.Field != "" }

// Piece is one piece of what a party holds: a value, or a stream.
type Piece struct {
	Place
	Row int64 // of a value, from 1; 0: the field is there, and no value of it
	// Number says that Value is the decimal digits of a number.
	Number bool
	Value  []byte
	Stream io.Reader // nil: Value is all
}

// Party is one party of a bench.
type Party struct {
	Name string
	Role Role
	// Visit shows all that the party holds, piece by piece, and the same again when it is called
	// again. It ends with an error of see's.
	Visit func(ctx context.Context, see func(Piece) error) error
}

// Bench is what an audit is given.
type Bench struct {
	Parties []Party
	Secrets []Secret
}

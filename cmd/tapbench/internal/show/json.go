package show

import (
	"encoding/json"
	"io"
)

// WriteJSON writes an item as one line of JSON, as docs/trace-show.md says.
func WriteJSON(w io.Writer, i *Item) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(i)
}

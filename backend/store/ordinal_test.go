package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrdinal(t *testing.T) {
	tests := []struct {
		name, query, want string
		order             []int
	}{
		{"no arguments", `SELECT 1`, `SELECT 1`, nil},
		{"in their order", `SELECT $1, $2`, `SELECT ?, ?`, nil},
		{"in another order", `SET a = $2 WHERE b = $1`, `SET a = ? WHERE b = ?`, []int{1, 0}},
		{"one twice", `SELECT $1, $1`, `SELECT ?, ?`, []int{0, 0}},
		{"of two digits", `$10$1`, `??`, []int{9, 0}},
		{"in a literal", `SELECT '$1', "$1", 'it''s $1', $1`, `SELECT '$1', "$1", 'it''s $1', ?`, nil},
		{"no number", `$a $0 $`, `$a $0 $`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, order := ordinal(test.query)
			if text != test.want || !cmp.Equal(order, test.order) {
				t.Errorf("got %q, %v, want %q, %v", text, order, test.want, test.order)
			}
		})
	}
}

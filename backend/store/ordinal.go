package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// statement is one that is prepared on a session's connection.
type statement struct {
	stmt  *sql.Stmt
	order []int // of its arguments; nil if it's their own
}

// exec runs it for its effect.
func (s statement) exec(ctx context.Context, args []any) (sql.Result, error) {
	args, err := s.arrange(args)
	if err != nil {
		return nil, err
	}
	return s.stmt.ExecContext(ctx, args...)
}

// row runs it for one row. Where arguments lack, the database says so.
func (s statement) row(ctx context.Context, args []any) *sql.Row {
	if arranged, err := s.arrange(args); err == nil {
		args = arranged
	}
	return s.stmt.QueryRowContext(ctx, args...)
}

// arrange returns the arguments as the prepared text has them.
func (s statement) arrange(args []any) ([]any, error) {
	if s.order == nil {
		return args, nil
	}
	arranged := make([]any, len(s.order))
	for i, n := range s.order {
		if n >= len(args) {
			return nil, fmt.Errorf("a statement with %d arguments lacks $%d", len(args), n+1)
		}
		arranged[i] = args[n]
	}
	return arranged, nil
}

// ordinal replaces a query's $1, $2, … by "?", which SQLite's driver takes in their order. A name
// it would compare with every argument's, at each run. order has, for each "?", the number of its
// argument, from 0; it is nil where that is their own order.
func ordinal(query string) (text string, order []int) {
	var b strings.Builder
	var quote byte // of the literal or name that we are in
	own := true
	for i := 0; i < len(query); {
		end := i + 1
		switch c := query[i]; {
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '\'' || c == '"':
			quote = c
		case c == '$':
			for end < len(query) && query[end] >= '0' && query[end] <= '9' {
				end++
			}
		}
		if n, err := strconv.Atoi(query[i+1 : end]); err == nil && n > 0 {
			b.WriteByte('?')
			own = own && n-1 == len(order)
			order = append(order, n-1)
		} else {
			b.WriteString(query[i:end])
		}
		i = end
	}
	if own {
		order = nil
	}
	return b.String(), order
}

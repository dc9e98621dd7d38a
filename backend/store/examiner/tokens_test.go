package examiner_test

import (
	"strings"
	"testing"

	"tapbench/backend/ledger"
	"tapbench/backend/store"
	"tapbench/backend/store/examiner"
)

// token puts a token of 20 x 0.05 into the world, which has left its account.
func (w world) token(t *testing.T, name, columns string) {
	t.Helper()
	w.step(t, "tsm", func(tx store.Tx) error {
		open(t, tx, ledger.Liability, "tokens")
		exec(t, tx, `INSERT INTO tokens (tokid, tid, key, root, token, request, unit, length, epoch,
			claims_to, state, back, closed_at) SELECT $1, tid, $1, $1, x'', x'', 5, 20, 1, 2, `+columns+
			` FROM runs`, []byte(name))
		move(t, tx, "withdraw "+name, "withdraw", "account/"+tidText, "tokens", 100)
		return nil
	})
}

func (w world) back(t *testing.T, name, reason string, minor int64) {
	t.Helper()
	w.step(t, "tsm", func(tx store.Tx) error {
		move(t, tx, reason+name, reason, "tokens", "account/"+tidText, minor)
		return nil
	})
}

func examined(t *testing.T, w world) (examiner.Report, string) {
	t.Helper()
	r, err := examiner.Examine(t.Context(), w.files())
	check(t, err)
	var found []string
	for _, f := range r.Findings {
		found = append(found, f.String())
	}
	return r, strings.Join(found, "\n")
}

func TestExamineAccountsForTokens(t *testing.T) {
	w := newWorld(t)
	w.token(t, "open", `'open', 0, NULL`)
	w.token(t, "given up", `'closed', 15, 5`)
	w.back(t, "given up", "close", 75)
	w.token(t, "over", `'reclaimed', 20, 5`)
	w.back(t, "over", "close", 75)
	w.back(t, "over", "reclaim", 25)
	w.token(t, "unused", `'reclaimed', 20, NULL`)
	w.back(t, "unused", "reclaim", 100)
	r, found := examined(t, w)
	if found != "" {
		t.Error(found)
	}
	for _, p := range r.Places {
		if p.Name == examiner.PlaceToken && p.Minor != 125 {
			t.Errorf("tokens hold %d", p.Minor)
		}
	}
}

// Each row plants what a fault of the TSM would leave of a token's money.
func TestExamineFindsTokensFaults(t *testing.T) {
	for name, row := range map[string]struct {
		plant func(t *testing.T, w world)
		want  string
	}{
		"a withdrawal without a token": {func(t *testing.T, w world) {
			w.step(t, "tsm", func(tx store.Tx) error {
				open(t, tx, ledger.Liability, "tokens")
				move(t, tx, "withdraw", "withdraw", "account/"+tidText, "tokens", 100)
				return nil
			})
		}, "movements and tokens differ by 1"},
		"a token without a withdrawal": {func(t *testing.T, w world) {
			w.token(t, "one", `'open', 0, NULL`)
			w.step(t, "tsm", func(tx store.Tx) error {
				exec(t, tx, `INSERT INTO tokens (tokid, tid, key, root, token, request, unit, length, epoch,
					claims_to, state) SELECT x'02', tid, x'02', x'02', x'', x'', 5, 20, 1, 2, 'open'
					FROM runs`)
				return nil
			})
		}, "movements and tokens differ by -1"},
		"a token reclaimed twice": {func(t *testing.T, w world) {
			w.token(t, "other", `'open', 0, NULL`)
			w.token(t, "one", `'reclaimed', 20, NULL`)
			w.back(t, "one", "reclaim", 100)
			w.back(t, "one again", "reclaim", 100)
		}, "movements and tokens differ by 1"},
		"a close whose money is lost": {func(t *testing.T, w world) {
			w.token(t, "one", `'closed', 15, 5`)
		}, "movements and tokens differ by -1"},
		"units back from an open token": {func(t *testing.T, w world) {
			w.token(t, "one", `'open', 15, NULL`)
			w.back(t, "one", "reclaim", 75)
		}, "is open with"},
		"more back than the close says": {func(t *testing.T, w world) {
			w.token(t, "one", `'closed', 16, 5`)
			w.back(t, "one", "close", 80)
		}, "is closed with"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			row.plant(t, w)
			if _, found := examined(t, w); !strings.Contains(found, row.want) {
				t.Errorf("want a finding with %q, got:\n%s", row.want, found)
			}
		})
	}
}

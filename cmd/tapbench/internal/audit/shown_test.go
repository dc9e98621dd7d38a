package audit_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/cmd/tapbench/internal/audit"
)

// claim is the fields of one offline claim. Those of the nth token differ from others' where they
// should.
func claim(n int, change map[string]string) map[string]string {
	c := map[string]string{
		"version": "1", "issuer": "TSMTEST1", "epoch": "2917", "unit": "5", "length": "250",
		"policy": "0978 5000", "from": "0", "to": "20",
	}
	for _, name := range append(audit.OwnFields(), "token", "statement", "key") {
		c[name] = fmt.Sprintf("the %s of token %d", name, n)
	}
	maps.Copy(c, change)
	return c
}

// till is a merchant with these claims.
func till(name string, claims ...map[string]string) audit.Party {
	var all []audit.Piece
	for i, c := range claims {
		for field, value := range c {
			p := cell(audit.ClaimField(field), i+1, []byte(value))
			p.Medium = audit.MediumDocument
			all = append(all, p)
		}
	}
	return holder(name, audit.RoleMerchant, all...)
}

// TestRunLinksTokens has merchants hold what shows that two payments are one customer's.
func TestRunLinksTokens(t *testing.T) {
	one := func(change map[string]string) []audit.Party {
		return []audit.Party{till("shop", claim(1, nil), claim(2, change))}
	}
	again := map[string]string{
		"statement": "another payment", "signature": "another one", "from": "20", "to": "40",
	}
	for name, c := range map[string]struct {
		parties []audit.Party
		shown   audit.Shown // the first merchant's
		want    audit.Rule
	}{
		"a token for each payment": {
			one(nil), audit.Shown{Party: "shop", Payments: 2, Tokens: 2}, "",
		},
		"one of another class": {
			one(map[string]string{"unit": "1", "policy": "0978 250"}),
			audit.Shown{Party: "shop", Payments: 2, Tokens: 2},
			"",
		},
		"a token that was reused": {
			[]audit.Party{till("shop", claim(1, nil), claim(1, again), claim(2, nil))},
			audit.Shown{Party: "shop", Payments: 3, Tokens: 2, Linked: 2},
			"",
		},
		"ticks of one commitment": {
			[]audit.Party{till("shop", claim(1, nil), claim(1, map[string]string{"value": "w_2"}))},
			audit.Shown{Party: "shop", Payments: 1, Tokens: 1},
			"",
		},
		"a token that has paid elsewhere": {
			[]audit.Party{till("shop", claim(1, again))},
			audit.Shown{Party: "shop", Payments: 1, Tokens: 1, Begun: 1},
			"",
		},
		"a claim that is paid and forgotten": {
			[]audit.Party{till("shop", claim(1, nil), map[string]string{"key": "of it", "state": "paid"})},
			audit.Shown{Party: "shop", Payments: 1, Tokens: 1},
			"",
		},
		"one key for two tokens": {
			one(map[string]string{"token_key": "the token_key of token 1"}),
			audit.Shown{Party: "shop", Payments: 2, Tokens: 2},
			audit.RuleLinked,
		},
		"one key at two merchants": {
			[]audit.Party{
				till("shop", claim(1, nil)),
				till("cafe", claim(2, map[string]string{"root": "the root of token 1"})),
			}, audit.Shown{Party: "shop", Payments: 1, Tokens: 1}, audit.RuleLinked,
		},
		"one token at two merchants": {
			[]audit.Party{till("shop", claim(1, nil)), till("cafe", claim(1, again))},
			audit.Shown{Party: "shop", Payments: 1, Tokens: 1},
			audit.RuleLinked,
		},
		"a policy of one user's own": {
			one(map[string]string{"policy": "0978 4999"}),
			audit.Shown{Party: "shop", Payments: 2, Tokens: 2},
			audit.RuleMarked,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, nil, c.parties...)
			if diff := cmp.Diff(c.shown, r.Shown[0]); diff != "" {
				t.Errorf("shown, -want +got:\n%s", diff)
			}
			found := slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Rule == c.want })
			if found != (c.want != "") || r.Clean() == found {
				t.Errorf("findings %v, want rule %q", r.Findings, c.want)
			}
		})
	}
}

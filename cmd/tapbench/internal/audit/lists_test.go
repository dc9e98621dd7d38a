package audit_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tapbench/backend/api"
	"tapbench/backend/bank"
	"tapbench/backend/store"
	"tapbench/backend/store/columns"
	"tapbench/backend/tsm"
	"tapbench/cmd/tapbench/internal/audit"
)

// TestListsFitTheSchemas compares the lists of what bank and TSM may hold with the tables that they
// have. A column that is missing in a list must be put there, with its reason; one that is there in
// vain goes.
func TestListsFitTheSchemas(t *testing.T) {
	for role, migrations := range map[audit.Role][]string{
		audit.RoleBank: bank.Migrations(), audit.RoleTSM: tsm.Migrations(),
	} {
		t.Run(string(role), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			s, err := store.Open(t.Context(), store.Config{
				Path: path, Role: string(role), Party: "PARTY001", Migrations: migrations,
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			read, err := columns.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer read.Close()
			var has []string
			for _, c := range read.Columns() {
				has = append(has, c.String())
			}
			compare(t, "fields/"+string(role)+".txt or store.txt", has, listed(role, isColumn))
		})
	}
}

// TestListsFitTheMessages does the same with the requests.
func TestListsFitTheMessages(t *testing.T) {
	for role, messages := range map[audit.Role]map[string]any{
		audit.RoleBank: {
			api.PathInfo: struct{}{}, api.PathOpen: api.OpenRequest{},
			api.PathActivate: api.ActivateRequest{}, api.PathAID: api.AIDRequest{},
			api.PathAIDKeys: api.AIDKeysRequest{}, api.PathNonce: api.NonceRequest{},
			api.PathFund: api.FundRequest{}, api.PathAIDClose: api.AIDCloseRequest{},
			api.PathReturn: api.ReturnRequest{}, api.PathDraw: api.DrawRequest{},
			api.PathPhoneNonce: api.PhoneNonceRequest{}, api.PathReference: api.ReferenceRequest{},
			api.PathConsent: api.ConsentRequest{}, api.PathOpenFunding: api.OpenFundingRequest{},
			api.PathOpenings: api.OpeningsRequest{},
		},
		audit.RoleTSM: {
			api.PathHello: api.HelloRequest{}, api.PathRegister: api.RegisterRequest{},
			api.PathTIDFund: api.TIDFundRequest{}, api.PathCard: api.CardRequest{},
			api.PathTIDClose: api.TIDCloseRequest{}, api.PathOpenPayment: api.OpenPaymentRequest{},
			api.PathOpenings: api.OpeningsRequest{},
			api.PathToken:    api.TokenRequest{}, api.PathTokenClose: api.TokenCloseRequest{},
			api.PathPayout: api.PayoutRequest{}, api.PathDenyList: api.DenyListRequest{},
			// answers of banks
			api.PathNonce: refusable[api.NonceResponse]{}, api.PathFund: refusable[api.FundResponse]{},
			api.PathReturn: refusable[api.ReturnResponse]{}, api.PathDraw: refusable[api.DrawResponse]{},
		},
	} {
		t.Run(string(role), func(t *testing.T) {
			var has []string
			for path, message := range messages {
				for _, name := range names(reflect.TypeOf(message)) {
					has = append(has, path+" "+name)
				}
			}
			compare(t, "fields/"+string(role)+".txt", has, listed(role, isPath))
		})
	}
}

// refusable is an answer, or the refusal in its place.
type refusable[A any] struct {
	Answer  A
	Problem api.Problem
}

// names returns the JSON fields of a struct, with those of structs in it.
func names(t reflect.Type) []string {
	var all []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name != "":
			all = append(all, name)
		case f.Type.Kind() == reflect.Struct:
			all = append(all, names(f.Type)...)
		}
	}
	return all
}

func isColumn(field string) bool { return !strings.Contains(field, " ") }
func isPath(field string) bool   { return strings.HasPrefix(field, "/") }

// listed returns the fields of a list that are of one kind.
func listed(role audit.Role, kind func(string) bool) []string {
	var all []string
	for _, l := range audit.List(role) {
		if kind(l.Field) {
			all = append(all, l.Field)
		}
	}
	return all
}

func compare(t *testing.T, list string, has, listed []string) {
	t.Helper()
	for _, field := range has {
		if !slices.Contains(listed, field) {
			t.Errorf("%s isn't in %s: classify it, with the reason why this party has it", field, list)
		}
	}
	for _, field := range listed {
		if !slices.Contains(has, field) {
			t.Errorf("%s is in %s and nowhere else: take it out", field, list)
		}
	}
}

// TestListsHaveReasons verifies the lists' form, and that a bank's has no word of a purchase.
func TestListsHaveReasons(t *testing.T) {
	classes := []audit.Class{
		audit.ClassOwn, audit.ClassKey, audit.ClassEvidence, audit.ClassAmount, audit.ClassTime,
		audit.ClassCount, audit.ClassPublic,
	}
	for _, role := range []audit.Role{audit.RoleBank, audit.RoleTSM, audit.RoleMerchant} {
		seen := make(map[string]bool)
		for _, l := range audit.List(role) {
			if !slices.Contains(classes, l.Class) || l.Reason == "" || seen[l.Field] {
				t.Errorf("%s: %+v: no such class, no reason, or twice", role, l)
			}
			seen[l.Field] = true
			for _, word := range []string{"merchant", "purchase", "terminal", "shop", "pan", "card"} {
				if role == audit.RoleBank && strings.Contains(strings.ToLower(l.Field), word) {
					t.Errorf("a bank's list has %q, for %q", l.Field, word)
				}
			}
		}
		if len(seen) == 0 {
			t.Errorf("%s has no list", role)
		}
	}
}

// TestJoinTableIsTheDocs verifies that the program and docs/claims.md have one table of joins.
func TestJoinTableIsTheDocs(t *testing.T) {
	path := filepath.Join("..", "..", "..", "..", "docs", "claims.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Joins\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !strings.Contains(section, "\n"+strings.TrimSpace(audit.JoinTable)+"\n\n") {
		t.Errorf("the table of joins in %s isn't that of joins.md: copy the newer one", path)
	}
}

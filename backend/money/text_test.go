package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"tapbench/backend/money"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		currency   money.Currency
		want       string
		err        error
	}{
		{"empty", "", money.EUR, "", money.ErrSyntax},
		{"no whole part", ".50", money.EUR, "", money.ErrSyntax},
		{"no decimals behind the point", "12.", money.EUR, "", money.ErrSyntax},
		{"too many decimals", "12.505", money.EUR, "", money.ErrSyntax},
		{"decimals of a currency without", "12.5", money.JPY, "", money.ErrSyntax},
		{"point of a currency without decimals", "12.", money.JPY, "", money.ErrSyntax},
		{"leading zero", "012", money.EUR, "", money.ErrSyntax},
		{"minus", "-1", money.EUR, "", money.ErrSyntax},
		{"plus", "+1", money.EUR, "", money.ErrSyntax},
		{"sign behind the point", "1.+5", money.EUR, "", money.ErrSyntax},
		{"comma", "12,50", money.EUR, "", money.ErrSyntax},
		{"two points", "1.2.3", money.EUR, "", money.ErrSyntax},
		{"exponent", "1e3", money.EUR, "", money.ErrSyntax},
		{"hexadecimal", "0x10", money.EUR, "", money.ErrSyntax},
		{"underscore", "1_000", money.EUR, "", money.ErrSyntax},
		{"space", " 1", money.EUR, "", money.ErrSyntax},
		{"other digits", "١", money.EUR, "", money.ErrSyntax},
		{"currency in front", "EUR:12.50", money.EUR, "", money.ErrSyntax},
		{"very long", strings.Repeat("9", 4096), money.EUR, "", money.ErrSyntax},
		{"one above the maximum", "10000000000", money.EUR, "", money.ErrOverflow},
		{"thirteen digits", "1000000000000", money.JPY, "", money.ErrOverflow},
		{"unknown currency", "1", 999, "", money.ErrCurrency},
		{"nothing", "0", money.EUR, "EUR:0.00", nil},
		{"whole euros", "12", money.EUR, "EUR:12.00", nil},
		{"one decimal", "12.5", money.EUR, "EUR:12.50", nil},
		{"two decimals", "12.50", money.EUR, "EUR:12.50", nil},
		{"cents", "0.05", money.EUR, "EUR:0.05", nil},
		{"three decimals", "1.005", money.KWD, "KWD:1.005", nil},
		{"no decimals", "1250", money.JPY, "JPY:1250", nil},
		{"the maximum", "9999999999.99", money.EUR, "EUR:9999999999.99", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := money.Parse(test.text, test.currency)
			if !errors.Is(err, test.err) {
				t.Fatalf("Parse(%.20q): got error %v, want %v", test.text, err, test.err)
			}
			if err == nil && got.String() != test.want {
				t.Errorf("Parse(%q): got %s, want %s", test.text, got, test.want)
			}
		})
	}
}

func TestParseText(t *testing.T) {
	tests := []struct {
		name, text string
		err        error
	}{
		{"empty", "", money.ErrSyntax},
		{"no currency", "12.50", money.ErrSyntax},
		{"empty currency", ":12.50", money.ErrCurrency},
		{"small letters", "eur:12.50", money.ErrCurrency},
		{"unknown currency", "XXX:1.00", money.ErrCurrency},
		{"numeric currency", "978:1.00", money.ErrCurrency},
		{"one decimal", "EUR:12.5", money.ErrSyntax},
		{"no decimals", "EUR:12", money.ErrSyntax},
		{"leading zero", "EUR:012.50", money.ErrSyntax},
		{"space", "EUR: 1.00", money.ErrSyntax},
		{"minus", "EUR:-1.00", money.ErrSyntax},
		{"trailing byte", "EUR:1.00\n", money.ErrSyntax},
		{"second colon", "EUR:1:00", money.ErrSyntax},
		{"one above the maximum", "EUR:10000000000.00", money.ErrOverflow},
		{"twelve fifty", "EUR:12.50", nil},
		{"nothing", "EUR:0.00", nil},
		{"no decimals in the currency", "JPY:1250", nil},
		{"three decimals in the currency", "KWD:1.250", nil},
		{"the maximum", "EUR:9999999999.99", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := money.ParseText(test.text)
			if !errors.Is(err, test.err) {
				t.Fatalf("ParseText(%q): got error %v, want %v", test.text, err, test.err)
			}
			if err == nil && got.String() != test.text {
				t.Errorf("ParseText(%q): got %s", test.text, got)
			}
		})
	}
}

func TestSigned(t *testing.T) {
	for _, test := range []struct {
		name  string
		minor int64
		want  string
	}{
		{"the lowest number", math.MinInt64, "-92233720368547758.08"},
		{"less than nothing", -1250, "-12.50"},
		{"less than nothing, below one unit", -5, "-0.05"},
		{"nothing", 0, "0.00"},
		{"below one unit", 7, "0.07"},
		{"the highest number", math.MaxInt64, "92233720368547758.07"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := money.Signed(test.minor, money.EUR); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	type order struct{ Amount money.Amount }
	for name, text := range map[string]string{
		"a number":       `{"Amount":12.50}`,
		"not canonical":  `{"Amount":"EUR:12.5"}`,
		"empty text":     `{"Amount":""}`,
		"another object": `{"Amount":{"minor":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var o order
			if err := json.Unmarshal([]byte(text), &o); err == nil {
				t.Errorf("Unmarshal(%s): got %s", text, o.Amount)
			}
		})
	}
	if _, err := json.Marshal(order{}); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("Marshal of no amount: got error %v, want %v", err, money.ErrCurrency)
	}
	raw, err := json.Marshal(order{money.Must("EUR:12.50")})
	if err != nil || string(raw) != `{"Amount":"EUR:12.50"}` {
		t.Fatalf("Marshal: got %s, %v", raw, err)
	}
	var back order
	if err := json.Unmarshal(raw, &back); err != nil || back.Amount != money.Must("EUR:12.50") {
		t.Errorf("Unmarshal: got %s, %v", back.Amount, err)
	}
}

// FuzzParse holds every reader of an amount to two properties: what is read is in range, and the
// canonical text of what was read is read as the same amount.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "0", "12.50", "12.5", ".5", "5.", "-1", "+1", "1e3", "012", "9999999999.99",
		"10000000000", "EUR:12.50", "EUR:12.5", "JPY:1250", "KWD:1.250", "XXX:1.00", "EUR:",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, currency := range money.Currencies() {
			if a, err := money.Parse(text, currency); err == nil {
				checkParsed(t, text, a)
			}
		}
		if a, err := money.ParseText(text); err == nil {
			checkParsed(t, text, a)
			if a.String() != text {
				t.Errorf("ParseText(%q): got %s", text, a)
			}
		}
	})
}

func checkParsed(t *testing.T, text string, a money.Amount) {
	t.Helper()
	if a.Minor() < 0 || a.Minor() > money.MaxMinor {
		t.Fatalf("%q: %d is out of range", text, a.Minor())
	}
	if again, err := money.ParseText(a.String()); err != nil || again != a {
		t.Errorf("%q: %s reads as %s, %v", text, a, again, err)
	}
	if again, err := money.ParseN12(a.AppendN12(nil), a.Currency()); err != nil || again != a {
		t.Errorf("%q: %s in n12 reads as %s, %v", text, a, again, err)
	}
	if again, err := money.ParseBinary(a.AppendBinary(nil), a.Currency()); err != nil || again != a {
		t.Errorf("%q: %s in binary reads as %s, %v", text, a, again, err)
	}
}

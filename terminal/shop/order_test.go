package shop_test

import (
	"encoding/json"
	"errors"
	"testing"

	"tapbench/backend/money"
	"tapbench/terminal/shop"
)

func TestParseLineRefuses(t *testing.T) {
	for _, line := range []string{
		"", " ", "12,50", "-1", "0", "0.00", "12.505", "1e3", "pay", "pay 12.50", "12.50 EUR", "sell",
		"refund", "refund 1 2 3", "refund 004711081542 0", "refund 004711081542 x", "void 1", "close now",
		"999999999999999", "Void", "\x00",
	} {
		if o, err := shop.ParseLine(line, money.EUR); !errors.Is(err, shop.ErrOrder) {
			t.Errorf("%q: got %+v, %v", line, o, err)
		}
	}
}

func TestParseJSONRefuses(t *testing.T) {
	for _, line := range []string{
		"", "12.50", "{}", `{"amount":12.5}`, `{"amount":"12,50"}`, `{"amount":"0.00"}`,
		`{"amount":"1.00","tip":"1.00"}`, `{"amount":"1.00"} {}`, `{"do":"sell","amount":"1.00"}`,
		`{"do":"refund"}`, `{"do":"refund","amount":"1.00"}`, `{"do":"void","amount":"1.00"}`,
		`{"do":"close","rrn":"1"}`, `{"amount":"1.00","rrn":"1"}`, `[{"amount":"1.00"}]`,
	} {
		if o, err := shop.ParseJSON([]byte(line), money.EUR); !errors.Is(err, shop.ErrOrder) {
			t.Errorf("%s: got %+v, %v", line, o, err)
		}
	}
}

// The same order, typed and as an object.
func TestOrders(t *testing.T) {
	none := money.Zero(money.EUR)
	for _, test := range []struct {
		line, object string
		want         shop.Order
	}{
		{"12.50", `{"amount":"12.50"}`, shop.Order{Act: shop.Pay, Amount: money.Must("EUR:12.50")}},
		{" 3 ", `{"do":"pay","amount":"3"}`, shop.Order{Act: shop.Pay, Amount: money.Must("EUR:3.00")}},
		{
			"refund 0047 3.00", `{"do":"refund","rrn":"0047","amount":"3.00"}`,
			shop.Order{Act: shop.Refund, RRN: "0047", Amount: money.Must("EUR:3.00")},
		},
		{
			"refund 0047", `{"do":"refund","rrn":"0047"}`,
			shop.Order{Act: shop.Refund, RRN: "0047", Amount: none},
		},
		{"void", `{"do":"void"}`, shop.Order{Act: shop.Void, Amount: none}},
		{"close", `{"do":"close"}`, shop.Order{Act: shop.Close, Amount: none}},
		{"echo", `{"do":"echo"}`, shop.Order{Act: shop.Echo, Amount: none}},
		{"quit", `{"do":"quit"}`, shop.Order{Act: shop.Quit, Amount: none}},
	} {
		if got, err := shop.ParseLine(test.line, money.EUR); err != nil || got != test.want {
			t.Errorf("%q: got %+v, %v, want %+v", test.line, got, err, test.want)
		}
		if got, err := shop.ParseJSON([]byte(test.object), money.EUR); err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v, want %+v", test.object, got, err, test.want)
		}
	}
}

// What is taken as an order is one: typed and as an object it is the same.
func FuzzOrders(f *testing.F) {
	for _, line := range []string{"12.50", "refund 0047 3.00", "void", `{"amount":"12.50"}`, "{"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, err := shop.ParseLine(line, money.EUR)
		if err != nil {
			if o, err = shop.ParseJSON([]byte(line), money.EUR); err != nil {
				if !errors.Is(err, shop.ErrOrder) {
					t.Errorf("got error %v", err)
				}
				return
			}
		}
		object := map[string]string{"do": string(o.Act)}
		if !o.Amount.IsZero() {
			object["amount"] = o.Amount.Decimal()
		}
		if o.RRN != "" {
			object["rrn"] = o.RRN
		}
		raw, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		again, err := shop.ParseJSON(raw, money.EUR)
		if err != nil || again.Act != o.Act || again.Amount != o.Amount {
			t.Errorf("%s: got %+v, %v, want %+v", raw, again, err, o)
		}
	})
}

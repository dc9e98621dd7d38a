package report

import (
	"tapbench/cmd/tapbench/internal/show"
)

// MaxExchanges is how many exchanges of a dialogue a page holds. Browsers stay quick with as many.
const MaxExchanges = 1000

// What else bounds a dialogue on a page: items, bytes of messages, and data elements.
const (
	maxItems    = 2 * MaxExchanges
	maxBytes    = 1 << 20
	maxElements = 50_000
)

// Page is what a report shows. What is empty is left out.
type Page struct {
	Title string
	// Kind says what it is a report of, such as "trace" or "demo".
	Kind string
	// Facts stand below the title.
	Facts []Fact
	// Version is the program's.
	Version   string
	Parts     []Part
	Payments  []Payment
	Dialogues []*Dialogue
	Learned   []Learned
	Balances  []Balance
	// Verdict says in one sentence whether the books agree.
	Verdict string
	Agree   bool
}

// Fact is a name and a value.
type Fact struct{ Name, Value string }

// Part is a part of a demo, and the steps in it.
type Part struct {
	Title string
	Steps []Step
}

// Step is a message from one role to another.
type Step struct {
	Name, From, To string
	Bytes, APDUs   int
	MS             float64
}

// Payment is one tap and what came of it.
type Payment struct {
	Amount, Outcome string
	Approved        bool
	APDUs           int
	MS              float64
}

// Learned is what one party's files hold of the identifiers of a run.
type Learned struct {
	Party      string
	Knows, Not []string
}

// Balance is one account of one party.
type Balance struct{ Party, Account, Kind, Amount string }

// Dialogue is a dialogue with a card.
type Dialogue struct {
	Title  string
	Items  []*show.Item
	Totals show.Totals

	exchanges, bytes, elements int
	full                       bool
}

// Add adds an item: to the page as long as there is room, to the sums always.
func (d *Dialogue) Add(i *show.Item) {
	d.Totals.Add(i)
	if d.full {
		return
	}
	d.Items = append(d.Items, i)
	if i.Kind == show.KindExchange {
		d.exchanges++
	}
	for _, m := range []*show.Message{i.Command, i.Answer} {
		if m != nil {
			d.bytes += m.Length
			d.elements += len(m.Elements)
		}
	}
	d.full = d.exchanges >= MaxExchanges || len(d.Items) >= maxItems || d.bytes >= maxBytes ||
		d.elements >= maxElements
}

// Shown returns how many exchanges stand on the page.
func (d *Dialogue) Shown() int { return d.exchanges }

// Whole reports whether all of them do.
func (d *Dialogue) Whole() bool { return d.exchanges == d.Totals.Exchanges }

package conformance

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// skims is how often a hostile reader comes by, armed and not.
func (b Backend) skims() int {
	if b.Caps.Far || b.Caps.Slow {
		return 20
	}
	return 50
}

// testSkimming has a hostile reader come by phones of two users, and prints what it linked and
// drained.
func testSkimming(t T, b Backend) {
	t.Run("unarmed", func(t T) { testSkimUnarmed(t, b) })
	t.Run("armed", func(t T) { testSkimArmed(t, b) })
	t.Run("armed, one card until expiry", func(t T) { testSkimUntilExpiry(t, b) })
	t.Run("armed, mutual", func(t T) { testSkimMutual(t, b) })
	t.Run("tokens, unarmed", func(t T) { testSkimTokensUnarmed(t, b) })
	t.Run("tokens, armed", func(t T) { testSkimTokensArmed(t, b) })
	t.Run("tokens, armed, mutual", func(t T) { testSkimTokensMutual(t, b) })
	t.Run("tokens, clocks decades off", func(t T) { testSkimClocks(t, b) })
}

// visits are the told ones, then random ones.
func (b Backend) visits(s *skimmer) []visit {
	all := s.told()
	for len(all) < b.skims() {
		all = append(all, s.visit())
	}
	return all
}

// users runs the same visits with the phones of two users, one after the other: a reader holds one
// card. What is seen of the second is compared with what was seen of the first.
func users(
	t T, fresh func(T, Stage) *Host, all []visit, table *skimTable,
	come func(t T, who int, h *Host, i int) *skim,
) {
	seen := make([][]string, len(all))
	for who, name := range []string{"first user", "second user"} {
		t.Run(name, func(t T) {
			h := fresh(t, CardReady)
			for i, v := range all {
				got := come(t, who, h, i)
				row := table.row(v.kind)
				row.add(got)
				if diff := difference(seen[i], got.lines); who > 0 && diff != "" {
					row.linked++
					t.Errorf("visit %d, %s, tells two users apart:\n%s", i, v.kind, diff)
				}
				seen[i] = got.lines
			}
		})
	}
	table.log(t)
}

// testSkimUnarmed asks two phones the same, while the life of one goes on: nothing that was seen
// differs between them, or between two moments, and no GET PROCESSING OPTIONS is answered.
func testSkimUnarmed(t T, b Backend) {
	table, skimmer := newSkimTable("unarmed"), newSkimmer(1)
	always := visit{kind: "the same again", moves: skimmer.tap()}
	all := b.visits(skimmer)
	var first []string
	users(t, b.freshOneShow, all, table, func(t T, who int, h *Host, i int) *skim {
		if who == 0 {
			h.live(i)
		}
		before, row := h.rest().ready(), table.row(all[i].kind)
		got, again := all[i].run(b, h), always.run(b, h)
		if first == nil {
			first = again.lines
		}
		if diff := difference(first, again.lines); diff != "" {
			row.linked++
			t.Errorf("visit %d tells two moments apart:\n%s", i, diff)
		}
		if got.accepted+len(got.cards)+again.accepted+len(again.cards) > 0 {
			t.Errorf("visit %d, %s: answered", i, got.kind)
		}
		if after := h.rest().ready(); after != before {
			row.drained += before - after
			t.Errorf("visit %d, %s: %d cards were ready, now %d", i, got.kind, before, after)
		}
		return got
	})
}

// testSkimArmed arms two phones for each visit, disarms them behind it, and fills them up. But for
// what only one card has, both show the same, though one has eight cards and the other one.
func testSkimArmed(t T, b Backend) {
	table := newSkimTable("armed")
	table.armed(t, b, b.visits(newSkimmer(3)), stock{
		many: wire.CardSlots, fill: (*Host).fillUp, arm: (*Host).Arm,
		ready: func(h *Host) int { return h.status().ready() },
	})
	if total := table.total(); total.drained < b.skims()/2 || total.arqcs < b.skims()/4 {
		t.Errorf("%d cards, %d cryptograms: the visits show little", total.drained, total.arqcs)
	}
}

// stock is what a phone pays with: cards, or tokens.
type stock struct {
	many  int // one user has so many, the other one
	fill  func(h *Host, n int)
	arm   func(*Host)
	ready func(*Host) int
}

// armed arms two phones for each visit and judges what it shows.
func (s *skimTable) armed(t T, b Backend, all []visit, of stock) {
	t.Helper()
	owner := map[string]string{} // which arming showed a value
	users(t, b.freshOneShow, all, s, func(t T, who int, h *Host, i int) *skim {
		of.fill(h, []int{of.many, 1}[who])
		before, row := of.ready(h), s.row(all[i].kind)
		of.arm(h)
		got := all[i].run(b, h)
		h.rest()
		drained := before - of.ready(h)
		arming := fmt.Sprintf("user %d, visit %d", who+1, i)
		got.judge(t, arming, drained)
		links := got.links(arming, owner)
		for _, link := range links {
			t.Error(link)
		}
		row.linked += len(links)
		row.drained += drained
		return got
	})
}

// testSkimUntilExpiry arms two phones that have one card until expiry each. It links what it was
// armed for, and that is all: an unarmed phone stays silent, and no arming shows more than one
// payment, up to its cap.
func testSkimUntilExpiry(t T, b Backend) {
	const limit, most = 5000, 2000
	table, skimmer := newSkimTable("armed, until expiry"), newSkimmer(3)
	all := b.visits(skimmer)
	owner := map[string]string{}
	users(t, b.freshUntilExpiry, all, table, func(t T, who int, h *Host, i int) *skim {
		h.rest()
		before, row := h.cardData()[cardSlot].Total, table.row(all[i].kind)
		if limit-before < most {
			h.run(h.requestCard(cardSlot))
			h.run(h.putCard(cardSlot))
			before = 0
		}
		h.Arm()
		got := all[i].run(b, h)
		h.rest()
		shown, drained := h.cardData()[cardSlot].Total-before, 0
		if shown > 0 {
			drained = 1
		}
		arming := fmt.Sprintf("user %d, visit %d", who+1, i)
		if shown > most {
			t.Errorf("%s, %s: shown to %d, armed for %d", arming, got.kind, shown, most)
		}
		got.judge(t, arming, drained)
		row.linked += len(got.links(arming, owner))
		row.drained += drained
		return got
	})
	if total := table.total(); total.linked < b.skims()/4 {
		t.Errorf("%d values linked: one card shows itself at every tap", total.linked)
	}
}

// freshOneShow is a fresh card at a stage, as [Backend.freshUntilExpiry] is.
func (b Backend) freshOneShow(t T, to Stage) *Host {
	t.Helper()
	return b.fresh(t, to)
}

// judge checks what one arming gave: at most one card, to one payment, at most three times.
func (s *skim) judge(t T, arming string, drained int) {
	t.Helper()
	if drained > 1 || drained < 0 || s.harmless && drained > 0 {
		t.Errorf("%s, %s: %d cards drained", arming, s.kind, drained)
	}
	answers := map[byte]string{}
	for _, seen := range s.cards {
		if first := s.cards[0].terms; seen.terms != first { // all visits are of one day
			t.Errorf("%s, %s: a card for %+v and for %+v", arming, s.kind, first, seen.terms)
		}
		values := fmt.Sprint(seen.values)
		if before, known := answers[seen.record]; known && seen.record != 0 && before != values {
			t.Errorf("%s, %s: record %d has two contents", arming, s.kind, seen.record)
		}
		answers[seen.record] = values
	}
	s.judgeTries(t, arming, drained)
}

func (s *skim) judgeTries(t T, arming string, drained int) {
	t.Helper()
	if len(s.cards) > 0 && drained == 0 {
		t.Errorf("%s, %s: a card was shown, none is spent", arming, s.kind)
	}
	if s.tries > wire.TapTries {
		t.Errorf("%s, %s: a tap was answered %d times", arming, s.kind, s.tries)
	}
	if s.kind == "the same tap five times" && (s.tries != wire.TapTries || s.arqcs != s.tries) {
		t.Errorf("%s, %s: answered %d times, %d cryptograms", arming, s.kind, s.tries, s.arqcs)
	}
}

// links says which values this arming shows that another one has shown.
func (s *skim) links(arming string, owner map[string]string) (linked []string) {
	for _, seen := range s.cards {
		for _, tag := range []tlv.Tag{
			emv.TagPAN, wire.TagCardKey, wire.TagCardSignature, wire.TagToken,
		} {
			value := seen.values[tag]
			if value == "" {
				continue
			}
			if before, known := owner[value]; known && before != arming {
				linked = append(linked, fmt.Sprintf("%s shows the %s of %s", arming, tag, before))
			}
			owner[value] = arming
		}
	}
	return linked
}

// ready counts the cards that can be tapped.
func (s status) ready() int {
	n := 0
	for _, card := range s.cards {
		if card == wire.CardReady {
			n++
		}
	}
	return n
}

// rest takes the consent back and returns the status.
func (h *Host) rest() status {
	h.t.Helper()
	h.authenticate()
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	return h.status()
}

// fillUp gets cards until n are ready.
func (h *Host) fillUp(n int) {
	h.t.Helper()
	s := h.rest()
	ready := s.ready()
	for slot, state := range s.cards {
		if ready < n && state != wire.CardReady {
			h.run(h.requestCard(byte(slot)))
			h.run(h.putCard(byte(slot)))
			ready++
		}
	}
}

// live is what an owner does between two visits.
func (h *Host) live(i int) {
	h.t.Helper()
	switch i % 5 {
	case 1:
		h.fillUp(1 + i%wire.CardSlots)
	case 2: // pays, and takes the phone away before the end
		h.fillUp(1)
		h.Arm()
		tm := h.newTerminal().begin()
		wantSW(h.t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
		tm.released()
	case 3: // arms, and thinks better of it
		h.fillUp(1)
		h.Arm()
	case 4:
		h.rest()
		h.step(EpochKnown)
	default:
	}
	h.rest()
}

// skimTable is what a hostile reader got, by the kind of its visits.
type skimTable struct {
	title string
	kinds []string
	rows  map[string]*skimRow
}

type skimRow struct{ skims, commands, accepted, cards, drained, arqcs, linked int }

func newSkimTable(title string) *skimTable {
	return &skimTable{title: title, rows: map[string]*skimRow{}}
}

func (s *skimTable) row(kind string) *skimRow {
	if s.rows[kind] == nil {
		s.kinds, s.rows[kind] = append(s.kinds, kind), &skimRow{}
	}
	return s.rows[kind]
}

func (r *skimRow) add(s *skim) {
	pans := map[string]bool{}
	for _, seen := range s.cards {
		if pan := seen.values[emv.TagPAN] + seen.values[wire.TagToken]; pan != "" {
			pans[pan] = true
		}
	}
	r.skims++
	r.commands += s.commands
	r.accepted += s.accepted
	r.cards += len(pans)
	r.arqcs += s.arqcs
}

func (s *skimTable) total() skimRow {
	var sum skimRow
	for _, r := range s.rows {
		sum.skims += r.skims
		sum.commands += r.commands
		sum.accepted += r.accepted
		sum.cards += r.cards
		sum.drained += r.drained
		sum.arqcs += r.arqcs
		sum.linked += r.linked
	}
	return sum
}

// log prints the table.
func (s *skimTable) log(t T) {
	t.Helper()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	line := func(name string, r skimRow) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", name, r.skims, r.commands, r.accepted,
			r.cards, r.arqcs, r.drained, r.linked)
	}
	_, _ = fmt.Fprintf(w, "%s\tskims\tcommands\tGPO answered\tPANs seen\tARQCs\tdrained\tlinked\n",
		s.title)
	for _, kind := range s.kinds {
		line(kind, *s.rows[kind])
	}
	line("all", s.total())
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + text.String())
}

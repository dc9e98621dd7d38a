package emvcard_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/pcsc/tlv"
)

// Where scripts/python.sh puts pyemv, and what asks it.
const (
	python  = "../../build/python/bin/python"
	compute = "../emv/cryptogram/testdata/compute.py"
)

// questions are what pyemv is asked about a scheme's cards, and what was said in fact.
type questions struct {
	scheme cryptogram.Scheme
	master cryptogram.Keys
	pin    string // of the latest PIN CHANGE
	lines  []map[string]string
	said   []string
}

// ask has something computed for a card, in the transaction of a cryptogram.
func (q *questions) ask(
	do string, a *agreement, ac map[tlv.Tag][]byte, said []byte, more map[string][]byte,
) {
	line := map[string]string{
		"do": do, "scheme": q.scheme.String(), "pan": a.pan,
		"psn":  fmt.Sprintf("%02d", a.fixture.App().Sequence),
		"9f26": hex.EncodeToString(ac[emv.TagCryptogram]),
		"9f36": hex.EncodeToString(ac[emv.TagATC]), "pin": q.pin,
	}
	for _, key := range []cryptogram.Key{q.master.AC, q.master.MAC, q.master.Encipher} {
		raw := key.Reveal()
		line["keys"] += hex.EncodeToString(raw[:])
	}
	for name, value := range more {
		line[name] = hex.EncodeToString(value)
	}
	q.lines = append(q.lines, line)
	q.said = append(q.said, strings.ToUpper(hex.EncodeToString(said)))
}

// cryptogram asks for one that a card has answered.
func (q *questions) cryptogram(a *agreement, answer map[tlv.Tag][]byte) {
	more := map[string][]byte{"9f10": answer[emv.TagIAD], "82": a.fixture.App().AIP[:]}
	for name, tag := range map[string]tlv.Tag{
		"9f02": emv.TagAmount, "9f03": emv.TagAmountOther, "9f1a": emv.TagCountry, "95": emv.TagTVR,
		"5f2a": emv.TagCurrency, "9a": emv.TagDate, "9c": emv.TagTransactionType, "9f37": emv.TagUN,
	} {
		more[name] = a.said[tag]
	}
	q.ask("cryptogram", a, answer, answer[emv.TagCryptogram], more)
}

// issuerAuth asks for an ARPC, which a card took.
func (q *questions) issuerAuth(a *agreement, first map[tlv.Tag][]byte, auth []byte) {
	csu := auth[len(auth)-q.scheme.UpdateLen():]
	q.ask("issuer authentication", a, first, auth, map[string][]byte{"csu": csu, "own": nil})
}

// scripts asks for the commands of a transaction's scripts, which a card has carried out.
func (q *questions) scripts(a *agreement, first map[tlv.Tag][]byte, commands [][]byte) {
	if len(commands) == 0 {
		return
	}
	var sent []string
	for _, c := range commands {
		sent = append(sent, hex.EncodeToString(c))
	}
	q.ask("commands", a, first, slices.Concat(commands...), nil)
	line := q.lines[len(q.lines)-1]
	line["commands"], line["mac"] = strings.Join(sent, " "), strconv.Itoa(a.macLen())
}

// compare has pyemv answer.
func (q *questions) compare(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(python); err != nil {
		daemontest.Missing(t, "no build/python, run scripts/python.sh: "+err.Error())
	}
	var asked bytes.Buffer
	for _, line := range q.lines {
		if err := json.NewEncoder(&asked).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), python, compute)
	command.Stdin, command.Stderr = &asked, os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Fields(string(out))
	if len(answers) != len(q.said) {
		t.Fatalf("%d answers to %d questions", len(answers), len(q.said))
	}
	count, wrong := map[string]int{}, map[string]int{}
	for i, said := range q.said {
		do := q.lines[i]["do"]
		if count[do]++; said == answers[i] {
			continue
		}
		if wrong[do]++; wrong[do] == 1 {
			t.Errorf("%v: said was %s, pyemv's is %s", q.lines[i], said, answers[i])
		}
	}
	for do, n := range count {
		t.Logf("%s: %d of %d as pyemv computes them", do, n-wrong[do], n)
	}
	const kinds = 3
	if len(count) != kinds {
		t.Errorf("%d kinds of questions, expected %d", len(count), kinds)
	}
}

package cryptogram_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tapbench/applet/emv/cryptogram"
	"tapbench/pcsc/daemon/daemontest"
)

// python is where scripts/python.sh puts pyemv.
const python = "../../../build/python/bin/python"

// cases is how many random ones of each scheme pyemv computes, too.
const cases = 1000

// source draws bytes, the same in each run.
type source struct{ n uint64 }

func (s *source) bytes(n int) []byte {
	var out []byte
	for len(out) < n {
		s.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, s.n))
		out = append(out, sum[:]...)
	}
	return out[:n]
}

func (s *source) below(n int) int {
	return int(binary.BigEndian.Uint32(s.bytes(4)) % uint32(n))
}

func (s *source) digits(n int) string {
	var out strings.Builder
	for range n {
		fmt.Fprint(&out, s.below(10))
	}
	return out.String()
}

// query is what pyemv is asked, and what we compute.
type query struct {
	asked map[string]string
	ours  []byte
}

// kind makes a random case.
type kind struct {
	name string
	ask  func(s *source, q *query)
}

func (q *query) put(name string, value []byte) []byte {
	q.asked[name] = hex.EncodeToString(value)
	return value
}

func (q *query) key(s *source) cryptogram.Key { return cryptogram.Key(q.put("key", s.bytes(16))) }

// card draws a key, an account number and a sequence number.
func (q *query) card(s *source) (cryptogram.Key, string, byte) {
	pan, sequence := s.digits(12+s.below(8)), s.below(100)
	q.asked["pan"], q.asked["psn"] = pan, fmt.Sprintf("%02d", sequence)
	return q.key(s), pan, byte(sequence)
}

func formulas(t *testing.T) []kind {
	t.Helper()
	derived := func(k cryptogram.Key, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		b := k.Reveal()
		return b[:]
	}
	eight := func(b [8]byte) []byte { return b[:] }
	return []kind{
		{"option A", func(s *source, q *query) {
			k, pan, sequence := q.card(s)
			q.ours = derived(cryptogram.MasterKeyA(k, pan, sequence))
		}},
		{"option B", func(s *source, q *query) {
			k, pan, sequence := q.card(s)
			q.ours = derived(cryptogram.MasterKeyB(k, pan, sequence))
		}},
		{"session key", func(s *source, q *query) {
			r := cryptogram.Diversifier(q.put("r", s.bytes(8)))
			q.ours = derived(cryptogram.SessionKey(q.key(s), r), nil)
		}},
		{"ARPC 1", func(s *source, q *query) {
			arqc, code := [8]byte(q.put("arqc", s.bytes(8))), [2]byte(q.put("code", s.bytes(2)))
			q.ours = eight(cryptogram.ARPC1(q.key(s), arqc, code))
		}},
		{"ARPC 2", func(s *source, q *query) {
			arqc, csu := [8]byte(q.put("arqc", s.bytes(8))), [4]byte(q.put("csu", s.bytes(4)))
			sum := cryptogram.ARPC2(q.key(s), arqc, csu, q.put("own", s.bytes(s.below(9))))
			q.ours = sum[:]
		}},
		{"script", func(s *source, q *query) {
			header, atc := [5]byte(s.bytes(5)), [2]byte(s.bytes(2))
			ac, data := [8]byte(s.bytes(8)), s.bytes(s.below(40))
			q.put("command", bytes.Join([][]byte{header[:], atc[:], ac[:], data}, nil))
			q.ours = eight(cryptogram.SignScript(q.key(s), header, atc, ac, data))
		}},
		{"encipher", func(s *source, q *query) {
			data := q.put("data", s.bytes(1+s.below(40)))
			q.ours = cryptogram.Encipher(q.key(s), data)
		}},
		{"PIN block", func(s *source, q *query) {
			q.asked["pin"] = s.digits(4 + s.below(9))
			block, err := cryptogram.PINBlock(q.asked["pin"])
			if err != nil {
				t.Fatal(err)
			}
			q.ours = block[:]
		}},
	}
}

// TestAgainstPyEMV has a second implementation compute the same. It lacks AES, for which compute.py
// puts together the parts of another library, and certificates.
func TestAgainstPyEMV(t *testing.T) {
	if _, err := os.Stat(python); err != nil {
		daemontest.Missing(t, "no build/python, run scripts/python.sh: "+err.Error())
	}
	var draws source
	var asked bytes.Buffer
	var queries []query
	for _, kind := range append(formulas(t), schemes(t)...) {
		for range cases {
			q := query{asked: map[string]string{"do": kind.name}}
			kind.ask(&draws, &q)
			if err := json.NewEncoder(&asked).Encode(q.asked); err != nil {
				t.Fatal(err)
			}
			queries = append(queries, q)
		}
	}
	command := exec.CommandContext(t.Context(), python, "testdata/compute.py")
	command.Stdin, command.Stderr = &asked, os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Fields(string(out))
	if len(answers) != len(queries) {
		t.Fatalf("%d answers to %d questions", len(answers), len(queries))
	}
	wrong := make(map[string]int)
	for i, q := range queries {
		if got := strings.ToUpper(hex.EncodeToString(q.ours)); got != answers[i] {
			name := q.asked["do"] + " " + q.asked["scheme"]
			if wrong[name]++; wrong[name] == 1 {
				t.Errorf("%v: ours %s, pyemv's %s", q.asked, got, answers[i])
			}
		}
	}
	for name, n := range wrong {
		t.Errorf("%s: %d of %d differ", name, n, cases)
	}
}

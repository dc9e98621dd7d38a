package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
	"tapbench/testdata"
)

// everything is a trace with all that the grammar has.
const everything = trace.Magic + `
spec: ISO/IEC 7816-4:2005, 7.5.6
comment: "quotes", <brackets> & more
comment: twice
atr: 3B 80 80 01 01
redaction: stand-ins
> 00 20 00 01 06 [pin 6]
< 63 C1
took 12 us
idle 3400 us
> 00 84 00 00 04
< (un 12 34) (un 56 78) 90 00
reset
> 00 B2 01 0C 00
< 70 {pan 54 13 33} [data 2] 90 00
tear 3
> 80 AE 80 00
! removed
remove
insert
reset
! comm
`

const everythingJSON = `{"format":"tapbench-apdu","version":1,"header":[` +
	`{"key":"spec","value":"ISO/IEC 7816-4:2005, 7.5.6"},` +
	`{"key":"comment","value":"\"quotes\", <brackets> & more"},{"key":"comment","value":"twice"},` +
	`{"key":"atr","value":"3B 80 80 01 01"},{"key":"redaction","value":"stand-ins"}]}
{"step":"exchange","command":[{"hex":"0020000106"},{"absent":"pin","length":6}],` +
	`"answer":[{"hex":"63C1"}],"took_us":12}
{"step":"idle","took_us":3400}
{"step":"exchange","command":[{"hex":"0084000004"}],` +
	`"answer":[{"varies":"un","hex":"1234"},{"varies":"un","hex":"5678"},{"hex":"9000"}]}
{"step":"reset"}
{"step":"exchange","command":[{"hex":"00B2010C00"}],"answer":[{"hex":"70"},` +
	`{"stand_in":"pan","hex":"541333"},{"absent":"data","length":2},{"hex":"9000"}]}
{"step":"tear","write":3}
{"step":"exchange","command":[{"hex":"80AE8000"}],"failure":"removed"}
{"step":"remove"}
{"step":"insert"}
{"step":"reset","failure":"comm"}
`

// stepWriter is a writer of either form.
type stepWriter interface{ Write(trace.Step) error }

// rewrite reads a trace in either form and writes it in the other, or in the same.
func rewrite(text string, toJSON bool) (string, error) {
	in, err := trace.Open(strings.NewReader(text))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	var w stepWriter
	if toJSON {
		w, err = trace.NewJSONWriter(&out, in.Header())
	} else {
		w, err = trace.NewWriter(&out, in.Header())
	}
	if err != nil {
		return "", err
	}
	for {
		step, err := in.Next()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err == nil {
			err = w.Write(step)
		}
		if err != nil {
			return "", err
		}
	}
}

func TestJSON(t *testing.T) {
	for _, row := range []struct {
		name, from, want string
		toJSON           bool
	}{
		{"text to JSON", everything, everythingJSON, true},
		{"JSON to text", everythingJSON, everything, false},
		{"JSON to JSON", everythingJSON, everythingJSON, true},
		{
			"other people's spaces, order and pieces",
			"{ \"version\": 1, \"format\": \"tapbench-apdu\", \"header\": [] }\r\n" +
				`{"answer":[{"hex":"90"},{"hex":"00"}], "command":[{"hex":"00A40400"}],` +
				`"step":"exchange"}` + "\n",
			trace.Magic + "\n> 00 A4 04 00\n< 90 00\n", false,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := rewrite(row.from, row.toJSON)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestJSONReaderRefusesAFirstLine(t *testing.T) {
	for _, row := range []struct {
		name, line string
		column     int
		want       string
	}{
		{"a list", `[]`, 1, "an object expected"},
		{"nothing in it", `{}`, 2, "needs format"},
		{"no version", `{"format":"tapbench-apdu","header":[]}`, 38, "needs version"},
		{"no header", `{"format":"tapbench-apdu","version":1}`, 38, "needs header"},
		{"another format", `{"format":"pcap","version":1,"header":[]}`, 11, `format "pcap" isn't`},
		{"a format of a number", `{"format":7}`, 11, "a string expected"},
		{"no format", `{"format":null}`, 11, "a string expected"},
		{"another version", `{"format":"tapbench-apdu","version":2}`, 37, "version 2 isn't known"},
		{"a version of a fraction", `{"version":1.0}`, 12, "a number of 1 to"},
		{"a version in words", `{"version":"1"}`, 12, "a number of 1 to"},
		{"a header of no list", `{"header":{}}`, 11, "a list expected"},
		{"an unknown key", `{"header":[{"key":"host","value":"x"}]}`, 12, "unknown key"},
		{"a field without a value", `{"header":[{"key":"spec"}]}`, 25, "a field needs value"},
		{"a field without text", `{"header":[{"key":"spec","value":""}]}`, 12, "unusable spec"},
		{
			"a second spec",
			`{"header":[{"key":"spec","value":"x"},{"key":"spec","value":"x"}]}`, 39, "second spec",
		},
		{
			"a line break in a field", `{"header":[{"key":"spec","value":"x\u000Ay"}]}`, 12, "unusable",
		},
		{
			"a step", `{"step":"reset"}`, 2, `first line isn't a trace's: unknown member "step"`,
		},
		{"a comma behind the last field", `{"header":[{"key":"spec","value":"x"},]}`, 39, "an object"},
		{"no name", `{format:"x"}`, 2, "a member's name expected"},
		{"no colon", `{"format" "x"}`, 11, "a colon expected"},
		{"a comma behind the last member", `{"header":[],}`, 14, "a member's name expected"},
		{"no comma", `{"header":[] "version":1}`, 14, "a comma or a closing brace"},
		{"a string that isn't closed", `{"format":"tap`, 15, "the string isn't closed"},
		{"and ends in an escape", `{"format":"a\`, 14, "the string isn't closed"},
		{"and has an escape", `{"format":"a\n`, 15, "the string isn't closed"},
		{"a tab in a string", "{\"format\":\"a\tb\"}", 13, "control character"},
		{"a tab behind an escape", "{\"format\":\"\\n\tb\"}", 14, "control character"},
		{"no UTF-8", "{\"format\":\"a\xff\"}", 13, "aren't UTF-8"},
		{"an unknown escape", `{"format":"a\x"}`, 13, "unknown escape"},
		{"half a surrogate pair", `{"format":"a\ud83dx"}`, 13, "unknown escape"},
		{"half of another", `{"format":"a\ude00"}`, 13, "unknown escape"},
		{"no digits", `{"format":"\u00+1"}`, 12, "unknown escape"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := trace.NewJSONReader(strings.NewReader(row.line + "\n"))
			refusal(t, err, 1, row.column, row.want)
		})
	}
	_, err := trace.NewJSONReader(strings.NewReader(""))
	refusal(t, err, 1, 1, "first line is missing")
	_, err = trace.NewJSONReader(strings.NewReader(jsonHead))
	refusal(t, err, 1, len(jsonHead)+1, "isn't ended")
}

// refusal wants a fault at a place.
func refusal(t *testing.T, err error, line, column int, want string) {
	t.Helper()
	var fault *trace.SyntaxError
	if !errors.As(err, &fault) || fault.Line != line || fault.Column != column ||
		!strings.Contains(fault.What, want) {
		t.Errorf("got %v, want line %d, column %d: %s", err, line, column, want)
	}
}

const jsonHead = `{"format":"tapbench-apdu","version":1,"header":[]}`

func TestJSONReaderRefusesAStep(t *testing.T) {
	const (
		command = `{"step":"exchange","command":[{"hex":"00A40400"}],`
		answer  = `"answer":[{"hex":"9000"}]}`
	)
	for _, row := range []struct {
		name, line string
		column     int
		want       string
	}{
		{"an empty line", "", 1, "an object expected"},
		{"no JSON", "reset", 1, "an object expected"},
		{"an object that isn't closed", `{"step":"reset"`, 16, "a comma or a closing brace"},
		{"something behind the object", `{"step":"reset"} {}`, 18, "nothing follows"},
		{"a NUL behind the object", "{\"step\":\"reset\"}\x00", 17, "nothing follows"},
		{"an unknown member", `{"step":"reset","host":"x"}`, 17, `unknown member "host"`},
		{"a member in capitals", `{"Step":"reset"}`, 2, `unknown member "Step"`},
		{"a member twice", `{"step":"reset","step":"remove"}`, 17, "second member"},
		{"a member twice, once in disguise", `{"step":"reset","\u0073tep":"x"}`, 17, "second member"},
		{"no step", `{"write":1}`, 11, "a step needs step"},
		{"a number for a word", `{"step":7}`, 9, "a string expected"},
		{"an unknown step", `{"step":"melt"}`, 9, "unknown step"},
		{"a step by its mark in the text", `{"step":">"}`, 9, "unknown step"},
		{"an unknown failure", `{"step":"reset","failure":"x"}`, 27, "unknown failure"},
		{"a failure of nothing", `{"step":"reset","failure":""}`, 27, "unknown failure"},
		{"a removal that failed", `{"failure":"comm","step":"remove"}`, 2, "remove has no failure"},
		{"a tear without a write", `{"step":"tear"}`, 15, "tear needs write"},
		{"a tear of 0", `{"step":"tear","write":0}`, 24, "a number of 1 to 999999999"},
		{"idle without a time", `{"step":"idle"}`, 15, "idle needs took_us"},
		{"a time below zero", `{"step":"idle","took_us":-1}`, 26, "a number of 1 to"},
		{"a time too long", `{"step":"idle","took_us":1000000000}`, 26, "a number of 1 to"},
		{"a time of thousands", `{"step":"idle","took_us":1e3}`, 26, "a number of 1 to"},
		{"a leading zero", `{"step":"idle","took_us":01}`, 26, "a number of 1 to"},
		{"a time in words", `{"step":"idle","took_us":"1"}`, 26, "a number of 1 to"},
		{"a reset with a time", `{"step":"reset","took_us":1}`, 17, "reset has no took_us"},
		{"an exchange without a command", `{"step":"exchange",` + answer, 45, "needs command"},
		{"an exchange without an answer", command[:49] + `}`, 50, "needs answer or failure"},
		{
			"an answer and a failure", command + `"failure":"comm",` + answer, 68,
			"an answer or a failure, not both",
		},
		{"a command of no list", `{"step":"exchange","command":"00A40400"}`, 30, "a list expected"},
		{"a part of no object", `{"step":"exchange","command":["00A40400"]}`, 31, "an object expected"},
		{"no part at all", `{"step":"exchange","command":[],` + answer, 30, "command of 0 bytes"},
		{"a command of three bytes", `{"command":[{"hex":"00A404"}]}`, 12, "command of 3 bytes"},
		{"an answer of one byte", command + `"answer":[{"hex":"90"}]}`, 60, "answer of 1 bytes"},
		{"half a byte", `{"command":[{"hex":"00A4040"}]}`, 28, "byte expected"},
		{"no byte", `{"command":[{"hex":""}]}`, 21, "byte expected"},
		{"small digits", `{"command":[{"hex":"00a40400"}]}`, 23, "byte expected"},
		{"spaces", `{"command":[{"hex":"00 A4"}]}`, 23, "byte expected"},
		{"an escaped digit", `{"command":[{"hex":"\u0030"}]}`, 21, "byte expected"},
		{"hex that isn't closed", `{"command":[{"hex":"00A4`, 25, "the string isn't closed"},
		{"a part of two marks", `{"command":[{"varies":"un","stand_in":"un"}]}`, 39, "one mark"},
		{"a label in capitals", `{"command":[{"varies":"UN","hex":"00"}]}`, 23, "label expected"},
		{"a label of nothing", `{"command":[{"varies":"","hex":"00"}]}`, 23, "label expected"},
		{"a mark without bytes", `{"command":[{"varies":"un"}]}`, 27, "a part needs hex"},
		{"a part of nothing", `{"command":[{}]}`, 14, "a part needs hex"},
		{"absent bytes of no length", `{"command":[{"absent":"pin"}]}`, 28, "need length"},
		{
			"absent bytes that are there",
			`{"command":[{"absent":"pin","length":4,"hex":"00"}]}`, 40, "a length and no hex",
		},
		{"a length of what is there", `{"command":[{"hex":"00","length":1}]}`, 25, "only absent bytes"},
		{
			"a length that no command has",
			`{"command":[{"absent":"pin","length":65545}]}`, 38, "a number of 1 to 65544",
		},
		{
			"more than a command has",
			`{"command":[{"hex":"00A40400"},{"absent":"pin","length":65541}]}`, 32, "more than 65544",
		},
		{"a comma behind the last part", `{"command":[{"hex":"00A40400"},]}`, 32, "an object"},
		{"a list that isn't closed", `{"command":[{"hex":"00A40400"}`, 31, "a comma or a closing bracket"},
	} {
		t.Run(row.name, func(t *testing.T) {
			in, err := trace.Open(strings.NewReader(jsonHead + "\n" + row.line + "\n"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = in.Next()
			refusal(t, err, 2, row.column, row.want)
			if _, again := in.Next(); !errors.Is(again, err) {
				t.Errorf("then %v, want the same again", again)
			}
		})
	}
}

// TestJSONThatIsCutOff cuts a trace at every byte: what is before is read, and the fault says that
// the rest is missing, unless a line ended there.
func TestJSONThatIsCutOff(t *testing.T) {
	whole := strings.Replace(everythingJSON, "<brackets>", `<\u00e9\ud83d\ude00é€>`, 1)
	for n := 1; n < len(whole); n++ {
		text := whole[:n]
		in, err := trace.Open(strings.NewReader(text))
		for steps := 1; err == nil; steps++ {
			if _, err = in.Next(); err == nil && steps >= strings.Count(text, "\n") {
				t.Fatalf("the first %d bytes: %d steps", n, steps)
			}
		}
		if text[n-1] == '\n' {
			if !errors.Is(err, io.EOF) {
				t.Errorf("the first %d bytes: got %v, want the end", n, err)
			}
			continue
		}
		fault := new(trace.SyntaxError)
		if !errors.As(err, &fault) || !fault.Cut || !errors.Is(err, io.ErrUnexpectedEOF) ||
			fault.Line != strings.Count(text, "\n")+1 {
			t.Errorf("the first %d bytes: got %v, want to hear that it is cut off", n, err)
		}
	}
	_, err := rewrite(jsonHead+"\n"+`{"step":"melt"`, false)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v for a fault before the cut", err)
	}
}

func TestJSONReaderRefusesALongLine(t *testing.T) {
	const most = 8 << 20
	for _, spaces := range []int{most + 1, 2 * most} {
		in, err := trace.Open(strings.NewReader(jsonHead + "\n" + strings.Repeat(" ", spaces)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.Next()
		refusal(t, err, 2, most+1, "line of more than 8388608 bytes")
	}
	const step = `{"step":"reset"}`
	in, err := trace.Open(strings.NewReader(
		jsonHead + "\n" + strings.Repeat(" ", most-len(step)) + step + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := in.Next(); err != nil || s.Kind != trace.Reset || in.Line() != 2 {
		t.Errorf("a line just as long: got %+v, %v", s, err)
	}
	header := make(trace.Header, most/1000)
	for i := range header {
		header[i] = trace.Field{Key: trace.KeyComment, Value: strings.Repeat("x", 1000)}
	}
	var out bytes.Buffer
	if _, err := trace.NewJSONWriter(&out, header); !errors.Is(err, trace.ErrInvalid) || out.Len() > 0 {
		t.Errorf("a header as long: got %v and %d bytes, want ErrInvalid", err, out.Len())
	}
}

// TestTheLongestStepFits writes an exchange of which each byte is as long in JSON as it gets.
func TestTheLongestStepFits(t *testing.T) {
	const label = "abcdefghijklmnop"
	all := func(n int) (m trace.Message) {
		for range n {
			m = append(m, trace.Part{Mark: trace.StandIn, Label: label, Bytes: []byte{0xAA}})
		}
		return m
	}
	step := trace.Step{Kind: trace.Exchange, Command: all(65544), Answer: all(65538), Line: 2}
	var out bytes.Buffer
	w, err := trace.NewJSONWriter(&out, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(step); err != nil {
		t.Fatal(err)
	}
	in, err := trace.Open(&out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(step, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONWriterRefuses(t *testing.T) {
	var out bytes.Buffer
	header := trace.Header{{Key: "host", Value: "laptop"}}
	if _, err := trace.NewJSONWriter(&out, header); !errors.Is(err, trace.ErrInvalid) {
		t.Errorf("an unknown key: got %v, want ErrInvalid", err)
	}
	w, err := trace.NewJSONWriter(io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(trace.Step{Kind: trace.Tear}); !errors.Is(err, trace.ErrInvalid) {
		t.Errorf("a tear of nothing: got %v, want ErrInvalid", err)
	}
	if out.Len() != 0 {
		t.Errorf("wrote %q", out.String())
	}
}

// FuzzJSON: what is read is JSON in other people's eyes, too; written it is one text, which says
// the same, and the same goes for the way through the text.
func FuzzJSON(f *testing.F) {
	f.Add(everythingJSON)
	f.Add(jsonHead + "\n")
	f.Add(`{"header":[{"value":"\u00e9\ud83d\ude00\/\"","key":"comment"}],` +
		"\t\"version\": 1, \"format\":\"tapbench-apdu\" }\r\n{\"step\":\"reset\"}\n")
	f.Fuzz(func(t *testing.T, in string) {
		if !strings.HasPrefix(in, "{") {
			return
		}
		text, err := rewrite(in, false)
		if err != nil {
			var fault *trace.SyntaxError
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Column < 1 {
				t.Fatalf("%v isn't a fault with its place", err)
			}
			return
		}
		for line := range strings.Lines(in) {
			if !json.Valid([]byte(line)) {
				t.Errorf("accepted %q, which isn't JSON", line)
			}
		}
		lines, err := rewrite(in, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{lines, text} {
			again, err := rewrite(from, true)
			if err != nil || again != lines {
				t.Errorf("%v: %q becomes %q, want %q", err, from, again, lines)
			}
		}
	})
}

// TestCorpusThroughJSON makes every trace of the repository JSON and text again.
func TestCorpusThroughJSON(t *testing.T) {
	texts := corpus(t)
	if len(texts) < 50 {
		t.Fatalf("%d traces found", len(texts))
	}
	for path, text := range texts {
		lines, err := rewrite(text, true)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if again, err := rewrite(lines, false); err != nil || again != text {
			t.Errorf("%s: %v (-want +got):\n%s", path, err, cmp.Diff(text, again))
		}
	}
}

// corpus returns every trace of the repository by its path.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for _, files := range []fs.FS{testdata.Vectors, testdata.Traces} {
		err := fs.WalkDir(files, ".", func(path string, _ fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); err != nil || ext != ".apdu" && ext != ".trace" {
				return err
			}
			text, err := fs.ReadFile(files, path)
			texts[path] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// FuzzTextThroughJSON: a text that is made JSON and text again is the same.
func FuzzTextThroughJSON(f *testing.F) {
	f.Add(everything)
	f.Add(magic + "> 00 A4 (un 04) (un 00) [pin 65536]\n< [data 3] {pan 54} 90 00\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, err := read(text); err != nil {
			return
		}
		lines, err := rewrite(text, true)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := rewrite(lines, false); err != nil || again != text {
			t.Errorf("%v: %q became %q by %q", err, text, again, lines)
		}
	})
}

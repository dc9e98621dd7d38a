package trace_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
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

func TestJSONReaderRefuses(t *testing.T) {
	const head = `{"format":"tapbench-apdu","version":1,"header":[]}` + "\n"
	exchange := func(members string) string {
		return head + `{"step":"exchange",` + members + "}\n"
	}
	const answer = `"answer":[{"hex":"9000"}]`
	for _, row := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"an object without a line's end", `{"format":"tapbench-apdu","version":1}`, 1, "isn't ended"},
		{"another format", `{"format":"pcap","version":1}` + "\n", 1, "format isn't tapbench-apdu"},
		{"another version", `{"format":"tapbench-apdu","version":2}` + "\n", 1, "version 2 isn't known"},
		{"an unknown key", `{"format":"tapbench-apdu","version":1,"header":[{"key":"host","value":"x"}]}` +
			"\n", 1, "unknown key"},
		{"no JSON", head + "{reset}\n", 2, "invalid character"},
		{"an empty line", head + "\n", 2, "an object expected"},
		{"an object that isn't closed", head + `{"step":"reset"` + "\n", 2, "an object expected"},
		{"something behind the object", head + `{"step":"reset"} {}` + "\n", 2, "nothing follows"},
		{"an unknown member", head + `{"step":"reset","host":"x"}` + "\n", 2, "unknown field"},
		{"a member twice", head + `{"step":"reset","step":"remove"}` + "\n", 2, "second member"},
		{
			"a part's member twice", exchange(`"command":[{"hex":"00A40400","hex":"00"}],` + answer), 2,
			"second member",
		},
		{"a number for a word", head + `{"step":7}` + "\n", 2, `"step" can't be a number`},
		{"an unknown step", head + `{"step":"melt"}` + "\n", 2, "unknown step"},
		{"an unknown failure", head + `{"step":"reset","failure":"x"}` + "\n", 2, "can't have"},
		{"a tear without a write", head + `{"step":"tear"}` + "\n", 2, "can't have"},
		{"idle without a time", head + `{"step":"idle"}` + "\n", 2, "can't have"},
		{"a time below zero", head + `{"step":"idle","took_us":-1}` + "\n", 2, "took_us"},
		{
			"a time that a trace can't say", head + `{"step":"idle","took_us":1000000000}` + "\n", 2,
			"took_us",
		},
		{"an exchange without an answer", exchange(`"command":[{"hex":"00A40400"}]`), 2, "can't have"},
		{"a command too short", exchange(`"command":[{"hex":"00A4"}],` + answer), 2, "can't have"},
		{"half a byte", exchange(`"command":[{"hex":"00A4040"}],` + answer), 2, "hex isn't"},
		{"small digits", exchange(`"command":[{"hex":"00a40400"}],` + answer), 2, "hex isn't"},
		{
			"a part of two marks", exchange(`"command":[{"varies":"un","stand_in":"un","hex":"00"}],` + answer),
			2, "two marks",
		},
		{"a part of nothing", exchange(`"command":[{}],` + answer), 2, "part without bytes"},
		{"absent bytes that are there", exchange(`"command":[{"absent":"pin","length":4,"hex":"00"}],` +
			answer), 2, "part without bytes"},
		{
			"a length that nobody has", exchange(`"command":[{"absent":"pin","length":999999999}],` + answer),
			2, "can't have",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := rewrite(row.text, false)
			var syntax *trace.SyntaxError
			if !errors.As(err, &syntax) || syntax.Line != row.line || syntax.Column < 1 ||
				!strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want line %d, %s", err, row.line, row.want)
			}
		})
	}
	if _, err := trace.NewJSONReader(strings.NewReader("")); err == nil {
		t.Error("nothing at all is accepted")
	}
	long := head + `{"step":"` + strings.Repeat("x", 5<<20)
	_, err := rewrite(long, false)
	if err == nil || !strings.Contains(err.Error(), "line of more than") {
		t.Errorf("got %v, want a line too long", err)
	}
}

// FuzzJSON: what is read from JSON is the same text again after another turn through JSON.
func FuzzJSON(f *testing.F) {
	f.Add(everythingJSON)
	f.Add(`{"format":"tapbench-apdu","version":1}` + "\n")
	f.Fuzz(func(t *testing.T, in string) {
		text, err := rewrite(in, false)
		if err != nil {
			var syntax *trace.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("%v isn't a fault of the text", err)
			}
			return
		}
		lines, err := rewrite(text, true)
		if err != nil {
			t.Fatal(err)
		}
		again, err := rewrite(lines, false)
		if err != nil || again != text {
			t.Errorf("%v: got %q, want %q", err, again, text)
		}
	})
}

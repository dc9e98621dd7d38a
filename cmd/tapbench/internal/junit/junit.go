package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Report is the whole file.
type Report struct{ Suites []Suite }

// Suite is a group of cases, such as those of one file.
type Suite struct {
	Name  string
	Cases []Case
}

// Outcome says how a case ended.
type Outcome byte

// The outcomes.
const (
	Passed  Outcome = iota
	Failed          // what was tested isn't so
	Errored         // it couldn't be tested
	Skipped         // it wasn't tested
)

// Case is one test.
type Case struct {
	Name string
	// File and Line are where the case is written down; Line 0 for none.
	File string
	Line int
	// Took is the time that it took, or 0.
	Took    time.Duration
	Outcome Outcome
	// Message says in one line why it didn't pass, Text at length.
	Message, Text string
}

// Write writes the report.
func (r *Report) Write(w io.Writer) error {
	file := xmlReport{}
	for _, s := range r.Suites {
		suite := s.encode()
		file.Tests += suite.Tests
		file.Failures += suite.Failures
		file.Errors += suite.Errors
		file.Suites = append(file.Suites, suite)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	if err := e.Encode(file); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("writing the JUnit report: %w", err)
	}
	return nil
}

type xmlReport struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Suites   []xmlSuite `xml:"testsuite"`
}

type xmlSuite struct {
	Name     string    `xml:"name,attr"`
	Tests    int       `xml:"tests,attr"`
	Failures int       `xml:"failures,attr"`
	Errors   int       `xml:"errors,attr"`
	Skipped  int       `xml:"skipped,attr"`
	Time     string    `xml:"time,attr"`
	Cases    []xmlCase `xml:"testcase"`
}

type xmlCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	File    string   `xml:"file,attr,omitempty"`
	Line    int      `xml:"line,attr,omitempty"`
	Time    string   `xml:"time,attr"`
	Failure *problem `xml:"failure"`
	Error   *problem `xml:"error"`
	Skipped *problem `xml:"skipped"`
}

type problem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (s Suite) encode() xmlSuite {
	suite := xmlSuite{Name: s.Name, Tests: len(s.Cases)}
	var took time.Duration
	for _, c := range s.Cases {
		took += c.Took
		x := xmlCase{
			Name: c.Name, Class: s.Name, File: c.File, Line: c.Line, Time: seconds(c.Took),
		}
		p := &problem{Message: c.Message, Text: strings.ToValidUTF8(c.Text, "?")}
		switch c.Outcome {
		case Failed:
			x.Failure = p
			suite.Failures++
		case Errored:
			x.Error = p
			suite.Errors++
		case Skipped:
			x.Skipped = p
			suite.Skipped++
		case Passed:
		}
		suite.Cases = append(suite.Cases, x)
	}
	suite.Time = seconds(took)
	return suite
}

// seconds writes a time in seconds, as JUnit does.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }

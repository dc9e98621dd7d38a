package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// surefireSuite is a result file of Maven's Surefire: one class of tests.
type surefireSuite struct {
	XMLName xml.Name       `xml:"testsuite"`
	Name    string         `xml:"name,attr"`
	Seconds float64        `xml:"time,attr"`
	Cases   []surefireCase `xml:"testcase"`
}

// surefireCase is one Java test.
type surefireCase struct {
	Name    string           `xml:"name,attr"`
	Class   string           `xml:"classname,attr"`
	Failure *surefireOutcome `xml:"failure"`
	Error   *surefireOutcome `xml:"error"`
	Skipped *surefireOutcome `xml:"skipped"`
}

// surefireOutcome is why a Java test didn't pass.
type surefireOutcome struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// javaTest runs the Maven tests of a folder, without a network, and counts their results. Results
// of earlier runs are removed first, so that they can't be taken for this one's.
func (t *tally) javaTest(ctx context.Context, dir, maven string) error {
	old, err := surefireReports(dir)
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("removing old Java results: %w", err)
		}
	}
	var output bytes.Buffer
	command := exec.CommandContext(ctx, maven, "-o", "test")
	command.Stdout, command.Stderr = &output, &output
	inOwnGroup(command)
	runErr := command.Run()

	before := len(t.failures)
	names, err := surefireReports(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := t.readSurefire(name); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the Java tests were interrupted: %w", ctx.Err())
	case runErr != nil && len(t.failures) == before:
		t.print(&report{lines: []string{output.String()}})
		return fmt.Errorf("running the Java tests: %w", runErr)
	case len(names) == 0:
		return fmt.Errorf("no Java test ran in %s", dir)
	}
	return nil
}

// surefireReports returns the result files of a Maven build: its own, then those of the modules in
// folders directly below it.
func surefireReports(dir string) ([]string, error) {
	var names []string
	for _, module := range []string{".", "*"} {
		pattern := filepath.Join(dir, module, "target", "surefire-reports", "TEST-*.xml")
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("looking for Java results: %w", err)
		}
		names = append(names, found...)
	}
	return names, nil
}

// readSurefire counts one result file.
func (t *tally) readSurefire(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading Java results: %w", err)
	}
	var result surefireSuite
	if err := xml.Unmarshal(data, &result); err != nil {
		return fmt.Errorf("reading Java results of %s: %w", filepath.Base(name), err)
	}
	s := &suite{name: result.Name}
	for _, c := range result.Cases {
		t.javaCase(s, c)
	}
	t.praise(s, result.Seconds)
	return nil
}

func (t *tally) javaCase(s *suite, c surefireCase) {
	failure := c.Failure
	if failure == nil {
		failure = c.Error
	}
	switch {
	case failure != nil:
		s.failed = true
		t.allowed.ran(c.Class, c.Name)
		t.complain("%s %s", c.Class, c.Name)
		t.print(&report{lines: []string{strings.TrimSpace(failure.Message + "\n" + failure.Text)}})
	case c.Skipped != nil:
		reason := c.Skipped.Message
		if reason == "" {
			reason = "no reason given"
		}
		t.skip(s, skip{suite: c.Class, test: c.Name, reason: reason})
	default:
		s.passed++
		t.passed++
		t.allowed.ran(c.Class, c.Name)
	}
}

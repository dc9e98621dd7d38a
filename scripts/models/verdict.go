package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// errNoVerdict means that a prover's output doesn't say what was found.
var errNoVerdict = errors.New("no verdict in the prover's output")

// readProVerif reads the lines that begin with RESULT, one for each query in the order of the file.
// A line RESULT (…) explains the one before it and is left out.
func readProVerif(output string) ([]string, error) {
	var found []string
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimRight(line, " \r")
		if strings.HasPrefix(line, "Error:") {
			return nil, fmt.Errorf("%w: %s", errNoVerdict, line)
		}
		if !strings.HasPrefix(line, "RESULT ") || strings.HasPrefix(line, "RESULT (") {
			continue
		}
		switch {
		case strings.HasSuffix(line, " is true."):
			found = append(found, "true")
		case strings.HasSuffix(line, " is false."):
			found = append(found, "false")
		case strings.HasSuffix(line, " cannot be proved."):
			found = append(found, "unproved")
		default:
			return nil, fmt.Errorf("%w: %s", errNoVerdict, line)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: no line RESULT", errNoVerdict)
	}
	return found, nil
}

var (
	spinErrors  = regexp.MustCompile(`(?m)errors: (\d+)\s*$`)
	spinPartial = regexp.MustCompile(
		`(?m)^error: max search depth too small|^Warning: Search not completed|pan: out of memory`)
)

// readSpin reads what Spin's verifier prints at its end. A search that found nothing because it
// was cut short says nothing.
func readSpin(output string) ([]string, error) {
	match := spinErrors.FindStringSubmatch(output)
	switch {
	case match == nil:
		return nil, fmt.Errorf("%w: no line about errors", errNoVerdict)
	case match[1] != "0":
		return []string{"violated"}, nil
	case spinPartial.MatchString(output):
		return nil, fmt.Errorf("%w: the search wasn't completed", errNoVerdict)
	}
	return []string{"holds"}, nil
}

// readMaude reads the outcome of each search.
func readMaude(output string) ([]string, error) {
	var found []string
	searches := 0
	for _, line := range strings.Split(output, "\n") {
		switch {
		case strings.HasPrefix(line, "search "):
			searches++
		case line == "No solution.":
			found = append(found, "none")
		case strings.HasPrefix(line, "Solution 1 "):
			found = append(found, "found")
		case strings.HasPrefix(line, "Warning:"), strings.HasPrefix(line, "Error:"):
			return nil, fmt.Errorf("%w: %s", errNoVerdict, line)
		}
	}
	if searches == 0 || len(found) != searches {
		return nil, fmt.Errorf("%w: %d outcomes of %d searches", errNoVerdict, len(found), searches)
	}
	return found, nil
}
